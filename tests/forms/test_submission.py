"""A family's application as a browser sends it: what is taken, what is refused, and where the words stand."""

import base64
import datetime as dt
import json
import struct
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms import submission
from forms.schema import Form, catalogue, load
from forms.submission import Context, Reading, Upload

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
CONTEXT = Context(
    account_id="u7",
    name="王芳",
    now=NOW,
    options={
        "townships": {"341702003": "秀山门街道", "341702100": "殷汇镇"},
        "villages": {"v1": "秀山社区", "v2": "殷汇村"},
    },
)
FORMS = catalogue(Path(__file__).parents[2] / "forms" / "definitions")
SAMPLE_ID = "11010519491231002X"
OTHER_ID = "440524188001010014"
PDF = b"%PDF-1.7\n" + b"0" * 64


def make_png(width: int = 120, height: int = 40, stroke: bool = True) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b""
    for y in range(height):
        row = bytearray(width * 4)
        if stroke and 10 <= y < 30:
            row[(20 + y) * 4 : (22 + y) * 4] = b"\x00\x00\x00\xff" * 2
        rows += b"\x00" + bytes(row)
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def sign(stroke: bool = True) -> str:
    return "data:image/png;base64," + base64.b64encode(make_png(stroke=stroke)).decode()


def application(**changes: str | list[str] | None) -> dict[str, list[str]]:
    answers: dict[str, Any] = {
        "itemId": "低保", "singlePerson": "0", "applyMode": "本人", "originTownship": "341702003",
        "reasonCode": "疾病", "reasonText": "妻子患病，花费较大", "needs": ["基本生活", "医疗"],
        "applicantName": "张伟", "idNo": "11010519491231002x", "nation": "01", "marital": "20", "education": "70",
        "phone": "138 0000 0000", "hukouType": "1", "hukouRegion": "341702003", "hukouVillage": "v1",
        "hukouAddress": "人民路 1 号", "residenceRegion": "341702003", "residenceVillage": "v1",
        "residenceAddress": "人民路 1 号", "residenceSince": "2001-05-01",
        "members-0-name": "张伟", "members-0-idNo": SAMPLE_ID, "members-0-relation": "01", "members-0-isCoLiving": "on",
        "members-0-labourAbility": "无劳动能力", "members-0-healthStatus": "1",
        "members-4-name": "李梅", "members-4-idNo": OTHER_ID, "members-4-relation": "12", "members-4-isCoLiving": "on",
        "members-4-labourAbility": "部分丧失", "members-4-healthStatus": "1", "members-4-monthlyIncome": "1,200.5",
        "appliedSize": "2",
        "incomes-0-member": "李梅", "incomes-0-category": "1", "incomes-0-source": "在贵池务工",
        "incomes-0-amount": "14400",
        "incomes-1-member": "张伟", "incomes-1-category": "6", "incomes-1-source": "基础养老金",
        "incomes-1-amount": "2160",
        "incomes-1-exemptReason": "基础养老金",
        "bankName": "农业银行", "accountNo": "6222021234567890123", "accountName": "张伟",
        "nearRelativeDeclared": "否", "privacyRead": "on", "consentSensitive": "on", "signatoryName": "张伟",
        "promiseSignature": sign(), "authSignature": sign(),
    }  # fmt: skip
    answers.update(changes)
    return {name: value if isinstance(value, list) else [value] for name, value in answers.items() if value is not None}


FILES = {"idCardFile": [Upload("C:\\照片\\身份证.pdf", PDF)]}


def read(raw: dict[str, list[str]], uploads: dict[str, list[Upload]] | None = None, **context: Any) -> Reading:
    given = {**CONTEXT.__dict__, **context}
    return submission.read(FORMS["application"], raw, FILES if uploads is None else uploads, Context(**given))


def small(*components: dict[str, Any]) -> Form:
    return load(json.dumps({"type": "default", "schemaVersion": 19, "components": list(components)}), "小表")


def test_a_complete_application_is_taken_with_amounts_dates_and_rows_in_one_spelling() -> None:
    reading = read(application())
    assert reading.errors == {}
    values = reading.values
    assert values["idNo"] == SAMPLE_ID
    assert values["phone"] == "13800000000"
    assert (values["birth"], values["sex"]) == ("1949-12-31", "2")
    assert [row["name"] for row in values["members"]] == ["张伟", "李梅"]
    assert values["members"][1]["monthlyIncome"] == "1200.50"
    assert values["familySize"] == 2
    assert values["declaredAnnualIncome"] == "14400.00" or values["declaredAnnualIncome"] == 14400
    assert values["declaredPerCapita"] == 600
    assert values["separatedHousehold"] is False
    assert values["idCardFile"][0]["name"] == "身份证.pdf"
    assert reading.files[values["idCardFile"][0]["sha256"]] == PDF
    json.dumps(values)


def test_everything_left_blank_is_asked_for_at_its_field_and_nothing_breaks() -> None:
    errors = read({}, {}).errors
    assert errors["applicantName"] == "请填写“姓名”"
    assert errors["itemId"] == "请选择“申请事项”"
    assert errors["promiseSignature"] == "请在“承诺书签名”处手写签名"
    assert errors["privacyRead"] == "请阅读后勾选“我已阅读个人信息处理告知”"
    assert "至少要填 1 行" in errors["members"]
    assert "agentName" not in errors
    assert "residencePermitFile" not in errors


def test_an_error_in_a_later_row_stands_at_that_row_though_rows_before_were_deleted() -> None:
    errors = read(application(**{"members-4-idNo": "440524188001010015"})).errors
    assert list(errors) == ["members-4-idNo"]
    assert "校验不通过" in errors["members-4-idNo"]


def test_an_untouched_extra_row_does_not_count() -> None:
    raw = application(**{"members-9-name": "", "members-9-nation": "01", "members-9-isCoLiving": "on"})
    assert len(read(raw).values["members"]) == 2


def test_the_agent_is_asked_for_only_when_the_applicant_does_not_apply_in_person() -> None:
    raw = application(applyMode="他人", agentName="陈明", agentIdNo=SAMPLE_ID)
    errors = read(raw).errors
    assert errors["agentPhone"] == "请填写“代理人电话”"
    assert errors["mandateFile"] == "请上传“委托书”"
    assert "代理人不能是申请人本人" in errors["agentIdNo"]


def test_what_was_typed_into_a_section_that_is_hidden_now_does_not_stay_in_the_file() -> None:
    reading = read(application(agentName="陈明", agentIdNo="123"))
    assert reading.ok
    assert reading.values["agentName"] is None


def test_living_elsewhere_asks_for_a_valid_permit_or_another_proof() -> None:
    moved = application(residenceRegion="341702100")
    assert "请填写居住证号码" in read(moved).errors["residencePermitNo"]
    lapsed = application(residenceRegion="341702100", residencePermitNo="A1", residencePermitValidTo="2026-03-01")
    assert "已过签注有效期" in read(lapsed).errors["residencePermitValidTo"]
    other = application(residenceRegion="341702100", permitAlt="租房合同")
    assert read(other, {**FILES, "residencePermitFile": [Upload("a.pdf", PDF)]}).ok


@pytest.mark.parametrize(
    "name,value,words",
    [
        ("idNo", "11010519491231002", "18 位"),
        ("idNo", "110105194913310021", "不存在"),
        ("idNo", "110105205012310023", "还没有到"),
        ("phone", "12345", "11 位手机号码"),
        ("accountNo", "123", "12 至 19 位"),
        ("incomes-0-amount", "-1", "不能小于 0"),
        ("incomes-0-amount", "1.234", "两位小数"),
        ("incomes-0-amount", "一千", "请填写数字"),
        ("incomes-0-amount", "1e9", "请填写数字"),
        ("appliedSize", "3", "不能大于 2"),
        ("appliedSize", "0", "不能小于 1"),
        ("appliedSize", "1.5", "整数"),
        ("residenceSince", "2026-03-03", "不能晚于现在"),
        ("residenceSince", "2026-02-30", "是否存在这一天"),
        ("marital", "99", "不在可选范围"),
        ("needs", ["基本生活", "汽车"], "不在可选范围"),
        ("originTownship", "110105001", "不在可选范围"),
        ("reasonText", "长" * 2001, "最多 2000 个字"),
        ("members-4-idNo", SAMPLE_ID, "与第 1 行重复"),
    ],
)
def test_a_wrong_answer_is_explained_at_its_field(name: str, value: str | list[str], words: str) -> None:
    errors = read(application(**{name: value})).errors
    assert words in errors[name]


def test_the_identity_number_must_agree_with_birth_and_sex_as_written() -> None:
    assert "出生日期不一致" in read(application(birth="1950-01-01")).errors["idNo"]
    assert "性别不一致" in read(application(sex="1")).errors["idNo"]


def test_exactly_one_member_is_the_applicant_and_it_is_the_one_above() -> None:
    assert "应有且只有一行，现在有 2 行" in read(application(**{"members-4-relation": "01"})).errors["members"]
    assert (
        "没有申请人本人"
        in read(application(**{"members-0-idNo": None, "members-0-noIdReason": "户口待查"})).errors["members"]
    )


def test_an_unusual_bank_account_is_a_warning_and_no_obstacle() -> None:
    reading = read(application(accountNo="6222021234567890124"))
    assert reading.ok
    assert "请再核对一遍" in reading.warnings["accountNo"] or "校验规则" in reading.warnings["accountNo"]


@pytest.mark.parametrize("number", [SAMPLE_ID, OTHER_ID])
def test_numbers_with_abolished_region_codes_are_accepted(number: str) -> None:
    form = small({"type": "textfield", "key": "idNo", "label": "号码", "properties": {"kind": "cn_id"}})
    assert submission.read(form, {"idNo": [number.lower()]}, {}, CONTEXT).values["idNo"] == number


def test_a_file_is_known_by_its_content_and_not_by_its_name() -> None:
    program = Upload("身份证.pdf", b"MZ" + b"\0" * 100)
    assert "不是允许的类型" in read(application(), {"idCardFile": [program]}).errors["idCardFile"]
    large = Upload("大.pdf", PDF + b"0" * (10 * 1024 * 1024))
    reading = read(application(), {"idCardFile": [large]})
    assert "超过 10 MB" in reading.errors["idCardFile"]
    assert reading.values["idCardFile"] == []


def test_a_file_kept_from_before_needs_no_second_upload_but_a_made_up_one_is_refused() -> None:
    stored = {"abc": {"name": "旧.pdf", "sha256": "abc", "size": 9, "mime": "application/pdf"}}
    kept = read(application(idCardFile="abc"), {}, stored=stored)
    assert kept.ok
    assert kept.values["idCardFile"][0]["name"] == "旧.pdf"
    assert "找不到" in read(application(idCardFile="def"), {}, stored=stored).errors["idCardFile"]


def test_a_signature_is_bound_to_signer_time_and_content() -> None:
    reading = read(application())
    signature = reading.values["promiseSignature"]
    assert (signature["signerName"], signature["takenBy"], signature["at"]) == ("张伟", "u7", NOW.isoformat())
    assert signature["digest"] == submission.digest(FORMS["application"], reading.values)
    changed = read(application(reasonText="另一个理由"))
    assert changed.values["promiseSignature"]["digest"] != signature["digest"]
    assert reading.files[signature["sha256"]].startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "drawn,words",
    [
        (sign(stroke=False), "空白"),
        ("data:image/png;base64,AAAA", "已损坏"),
        ("data:image/png;base64," + base64.b64encode(make_png()[:-30]).decode(), "已损坏"),
        ("data:text/html;base64,AAAA", "没有收到签名图片"),
        ("data:image/png;base64," + "A" * 700_000, "太大"),
    ],
)
def test_an_empty_or_broken_signature_is_refused(drawn: str, words: str) -> None:
    assert words in read(application(promiseSignature=drawn)).errors["promiseSignature"]


def test_a_form_shown_again_holds_what_was_given() -> None:
    reading = read(application())
    filled = submission.fill(FORMS["application"], reading.values)
    assert filled["members-1-name"] == ["李梅"]
    stored = {ref["sha256"]: ref for ref in reading.values["idCardFile"]}
    again = read({**filled, "promiseSignature": [sign()], "authSignature": [sign()]}, {}, stored=stored)
    assert again.ok
    assert again.values == reading.values


def test_a_new_form_offers_its_defaults() -> None:
    filled = submission.fill(FORMS["application"], {})
    assert filled["nation"] == ["01"]
    assert filled["singlePerson"] == ["0"]


def survey(**changes: str | None) -> dict[str, list[str]]:
    sections = ("members", "supporters", "property", "income", "expenditure", "nearRelative", "truth")
    answers: dict[str, str | None] = {
        "调查结果": "完成调查", "surveyPlace": "户籍地", "method": "邻里访问",
        "methodGround": "申请人住院", "startedAt": "2026-03-01T09:00",
        "endedAt": "2026-03-01T10:30", "place": "秀山社区", "verifiedFamilySize": "3",
        "verifiedAnnualIncome": "14400", "verifiedAssets": "0", "livingConditions": "平房两间", "调查结论": "属实",
        "respondentName": "张伟", "respondentRelation": "申请人", "respondentSignature": sign(),
        "surveyorSignature": sign(), **{f"{section}Finding": "一致" for section in sections}, **changes,
    }  # fmt: skip
    return {name: [value] for name, value in answers.items() if value is not None}


def read_survey(item: str = "低保", **changes: str | None) -> Reading:
    context = Context(**{**CONTEXT.__dict__, "facts": {"itemId": item}})
    return submission.read(FORMS["home_survey"], survey(**changes), {}, context)


def test_a_home_survey_signed_by_surveyor_and_household_is_taken() -> None:
    reading = read_survey()
    assert reading.errors == {}
    assert reading.values["startedAt"] == "2026-03-01T09:00:00+08:00"
    assert reading.values["verifiedPerCapita"] == 400
    assert reading.values["surveyorSignature"]["signer"] == "u7"
    assert reading.values["respondentSignature"]["signer"] == ""


def test_a_refused_signature_needs_reason_and_witness_instead() -> None:
    errors = read_survey(respondentRefused="on", respondentSignature=None).errors
    assert set(errors) == {"refusalReason", "witnessName", "witnessSignature"}


def test_a_finding_that_differs_must_be_explained() -> None:
    assert "请写明实际情况" in read_survey(incomeFinding="不一致").errors["incomeNote"]


def test_a_visit_cannot_end_before_it_began_on_the_same_day() -> None:
    assert read_survey(endedAt="2026-03-01T08:59").errors == {"endedAt": "不能早于“开始时间”，请核对"}
    assert read_survey(endedAt="2026-03-02T09:31").errors == {"endedAt": "不能晚于现在，请核对"}


def test_self_care_is_assessed_only_for_a_destitute_person() -> None:
    assert "careEat" not in read_survey().errors
    assert "careEat" in read_survey(item="特困").errors


def test_a_home_visit_needs_photographs() -> None:
    assert "要上传现场照片" in read_survey(method="入户调查", methodGround=None).errors["housePhotos"]


def test_a_field_hidden_by_a_hidden_field_is_hidden_too() -> None:
    form = small(
        {"type": "checkbox", "key": "a", "label": "甲"},
        {"type": "textfield", "key": "b", "label": "乙", "conditional": {"hide": "=非 a"}},
        {
            "type": "textfield",
            "key": "c",
            "label": "丙",
            "validate": {"required": True},
            "conditional": {"hide": "=b = 空"},
        },
    )
    assert submission.read(form, {"b": ["x"]}, {}, CONTEXT).ok
    assert "c" in submission.read(form, {"a": ["on"], "b": ["x"]}, {}, CONTEXT).errors


def test_a_readonly_field_cannot_be_written_from_the_browser() -> None:
    form = small(
        {"type": "number", "key": "标准", "label": "标准", "readonly": True},
        {"type": "number", "key": "金额", "label": "金额", "validate": {"max": "=标准"}},
    )
    context = Context(**{**CONTEXT.__dict__, "facts": {"标准": "780.00"}})
    reading = submission.read(form, {"标准": ["99999"], "金额": ["800"]}, {}, context)
    assert reading.errors == {"金额": "不能大于 780.00"}
    assert "标准" not in reading.values
    assert form.needs == {"标准"}


def test_names_that_belong_to_no_field_are_ignored() -> None:
    assert read(application(admin="1", **{"members-0-role": "x", "nosuch-1-a": "1"})).ok


def test_reading_a_whole_application_takes_a_few_milliseconds() -> None:
    raw = application()
    started = time.process_time()
    for _ in range(20):
        read(raw)
    assert (time.process_time() - started) / 20 < 0.05


@given(st.dictionaries(st.sampled_from(sorted(application())), st.lists(st.text(max_size=30), max_size=3), max_size=12))
@settings(max_examples=60, deadline=None)
def test_whatever_a_browser_sends_ends_in_values_or_words(changes: dict[str, list[str]]) -> None:
    reading = read({**application(), **changes})
    json.dumps(reading.values)
    assert all(reading.errors.values())
