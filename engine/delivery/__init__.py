"""Messages that leave the house: which go out by which channel, the queue, and the channels themselves."""
