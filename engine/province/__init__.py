"""Our side of the provincial system for 高龄津贴: what is reported, how it is sent, what answers mean (S3-07)."""
