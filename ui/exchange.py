"""Import and export of any record type: both are jobs that survive a closed tab; this shows how they go."""

from io import BytesIO
from typing import Any
from uuid import uuid4

import pandas as pd
import streamlit as st

from models import RecordType
from models.system import JobState
from models.words import L
from reports import making
from services import exchange, jobs
from services.access import Actor
from services.jobs import Task
from services.store import Query
from ui.messages import words_of
from ui.shell import (
    Outcome,
    button,
    errors_of,
    field_key,
    field_value,
    go_back,
    header,
    language,
    literal,
    number,
    set_params,
    t,
    token,
)

POLL = "1s"
SHEETS = ["xlsx", "csv", "xls", "ods"]
STEPS = {
    "reading": L("读取文件", "Reading the file"),
    "checking": L("逐行检查", "Checking every row"),
    "matching": L("与已有记录比对", "Comparing with the register"),
    "preparing": L("加密", "Encrypting"),
    "writing": L("写入", "Writing"),
    "exporting": L("导出", "Exporting"),
    "pdf": L("排版 PDF", "Setting the PDF"),
    "docx": L("生成 Word", "Writing the Word file"),
    "xlsx": L("生成 Excel", "Writing the workbook"),
}
COUNTS = {
    "created": L("新增", "Created"),
    "updated": L("更新", "Updated"),
    "unchanged": L("未变", "Unchanged"),
    "rejected": L("退回", "Rejected"),
}


# -- export --------------------------------------------------


def export_button(actor: Actor, record: RecordType, query: Query) -> None:
    """What the list shows, as a sheet; personal numbers in full only for a purpose, which is logged."""
    form = f"export.{record.name}"
    with st.popover(
        t(L("导出", "Export")), icon=":material/download:", on_change="rerun", key=f"{form}.open"
    ) as opened:
        if opened.open:
            _export_form(actor, record, query, form)


def _export_form(actor: Actor, record: RecordType, query: Query, form: str) -> None:
    st.segmented_control(
        t(L("格式", "Format")), ["xlsx", "csv"], default="xlsx", required=True, key=field_key(form, "fmt"),
        persist_state="page",
    )  # fmt: skip
    if actor.may("personal", record.area) and any(spec.personal for spec in record.fields):
        st.text_input(
            t(L("需要完整号码时填写用途", "For full numbers, give the purpose")), key=field_key(form, "purpose"),
            help=t(L("不填则号码打码；用途记入日志", "Left empty, numbers are masked; the purpose is logged")),
            persist_state="page",
        )  # fmt: skip

    def act(_used: str) -> Outcome:
        fmt, purpose = field_value(form, "fmt", "xlsx"), field_value(form, "purpose", "")
        key = jobs.submit_export(actor, record, query, language=language(), fmt=fmt, purpose=purpose)
        return Outcome(L("正在导出", "Exporting"), record.name, dict(st.query_params) | {"job": key})

    button(L("导出所示", "Export what is shown"), act, form=form, icon=":material/download:")
    errors_of(form)


LEDGERS = {"pdf": "PDF", "xlsx": "Excel", "docx": "Word"}


def ledger_button(actor: Actor, record: RecordType, query: Query) -> None:
    """What the list shows as a ledger on A4, masked, with its moment and a line to sign."""
    form = f"ledger.{record.name}"
    with st.popover(t(L("台账", "Ledger")), icon=":material/print:", on_change="rerun", key=f"{form}.open") as opened:
        if opened.open:
            _ledger_form(actor, record, query, form)


def _ledger_form(actor: Actor, record: RecordType, query: Query, form: str) -> None:
    st.segmented_control(
        t(L("格式", "Format")), list(LEDGERS), default="pdf", required=True, format_func=LEDGERS.__getitem__,
        key=field_key(form, "fmt"), persist_state="page",
    )  # fmt: skip

    def act(_used: str) -> Outcome:
        key = making.submit_ledger(actor, record, query, field_value(form, "fmt", "pdf"), language())
        return Outcome(L("正在生成台账", "Making the ledger"), record.name, dict(st.query_params) | {"job": key})

    button(L("生成 A4 台账", "Make the A4 ledger"), act, form=form, icon=":material/print:")
    errors_of(form)


def export_status(actor: Actor) -> None:
    """Above the list: how the export goes, and its file."""
    if number("job"):
        _watch(actor, number("job"))


# -- import --------------------------------------------------


def import_page(actor: Actor, record: RecordType) -> None:
    """First a trial that writes nothing, then the good rows in one transaction; bad rows come back as a sheet."""
    actor.need("import", record.area)
    about = L("先试导入，不写入；确认后好的行一次写入，有问题的行退回。",
              "A trial first, which writes nothing; then the good rows go in at once, bad ones come back.")  # fmt: skip
    with header(t(L(f"导入{record.label.zh}", f"Import {record.label.en.lower()}s")), about):
        st.button(t(L("返回列表", "Back to the list")), icon=":material/arrow_back:", on_click=go_back)
        st.download_button(
            t(L("下载模板", "Template")), lambda: _template(record), on_click="ignore", icon=":material/description:",
            file_name=f"{record.label(language())}-{t(L('模板', 'template'))}-{uuid4().hex[:6]}.xlsx",
        )  # fmt: skip
    form = f"import.{record.name}"
    given = st.file_uploader(
        t(L("Excel 或 CSV 文件（20 MB 以内）", "An Excel or CSV file (up to 20 MB)")), SHEETS, key=f"{token(form)}.file"
    )
    errors_of(form)
    task = jobs.get(actor, number("job")) if number("job") else None
    if task is not None:
        _watch(actor, task.id)
    if given is None:
        return
    tried = task is not None and task.state == JobState.DONE and task.params.get("name") == given.name
    if tried and task and task.params["dry_run"]:
        _confirm(actor, record, given, form, task)
    elif not tried:
        button(L("检查", "Check it"), _start(actor, record, given, dry_run=True), form=form, kind="primary")


def _confirm(actor: Actor, record: RecordType, given: Any, form: str, task: Task) -> None:
    good = task.result["created"] + task.result["updated"]
    if not good:
        st.info(t(L("没有可写入的行。", "There is nothing to write.")))
        return
    label = L(f"导入这 {good:,} 行", f"Import these {good:,} rows")
    button(label, _start(actor, record, given, dry_run=False), form=form, kind="primary", icon=":material/upload:")


def _start(actor: Actor, record: RecordType, given: Any, *, dry_run: bool) -> Any:
    def act(_used: str) -> Outcome:
        key = jobs.submit_import(actor, record, given.name, given.getvalue(), dry_run=dry_run)
        message = L("正在检查", "Checking") if dry_run else L("正在导入", "Importing")
        return Outcome(message, record.name, {"do": "import", "job": key}, keeps=dry_run)

    return act


def _template(record: RecordType) -> bytes:
    made = BytesIO()
    exchange.template(record, made, language=language())
    return made.getvalue()


# -- how it goes ---------------------------------------------


def _watch(actor: Actor, key: int) -> None:
    task = jobs.get(actor, key)
    if not underway(actor, task):
        _ended(task)


def underway(actor: Actor, task: Task) -> bool:
    """Shows how a job goes, or why it failed; False once it is done."""
    if task.state in (JobState.WAITING, JobState.RUNNING):
        _progress(actor, task.id)
    elif task.state == JobState.FAILED:
        _failed(task)
    return task.state != JobState.DONE


def _ended(task: Task) -> None:
    if task.kind == "import":
        _imported(task)
    else:
        _exported(task)


@st.fragment(run_every=POLL)
def _progress(actor: Actor, key: int) -> None:
    task = jobs.get(actor, key)
    if task.state not in (JobState.WAITING, JobState.RUNNING):
        st.rerun()
    step = t(STEPS[task.step]) if task.step in STEPS else t(L("排队", "Waiting"))
    done = f" {task.done:,} / {task.total:,}" if task.total else ""
    st.progress(min(task.done / task.total, 1.0) if task.total else 0.0, text=step + done)
    st.caption(t(L("可以关闭此页，任务会继续。", "You may close this page; the job goes on.")))


def _failed(task: Task) -> None:
    code = str(task.result.get("error", "bug"))
    detail = dict(task.result.get("detail") or {}) | {"number": task.result.get("number", task.id)}
    st.error(t(words_of(code, **detail)), icon=":material/error:")


def _exported(task: Task) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(
            t(L(f"已导出 {task.result['rows']:,} 行", f"{task.result['rows']:,} rows exported")), width="stretch"
        )
        st.html(f"<a href='/files/job/{task.id}'>{t(L('下载', 'Download'))}</a>", width="content")
        st.button(
            "", icon=":material/close:", key="job.close", on_click=set_params, kwargs={"job": ""}, type="tertiary"
        )


def _imported(task: Task) -> None:
    trial = task.params["dry_run"]
    st.subheader(
        t(L("试导入结果（尚未写入）", "Trial: nothing is written yet") if trial else L("导入结果", "Imported"))
    )
    with st.grid(4, min_column_width=140):
        for name, label in COUNTS.items():
            st.metric(t(label), f"{task.result[name]:,}", border=True)
    if task.result.get("ignored_columns"):
        names = literal(t(L("、", ", ")).join(task.result["ignored_columns"]))
        st.warning(
            t(L(f"这些列没有对应的字段，已忽略：{names}", f"These columns have no field and were ignored: {names}"))
        )
    if task.result["problems"]:
        _problems(task)


def _problems(task: Task) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        shown = len(task.result["problems"])
        st.markdown(f"**{t(L(f'需要修改的 {shown:,} 处', f'{shown:,} places to mend'))}**", width="content")
        if task.result.get("file"):
            st.html(
                f"<a href='/files/job/{task.id}'>{t(L('下载退回的行', 'Download the rejected rows'))}</a>",
                width="content",
            )
    st.dataframe(
        pd.DataFrame(
            {
                t(L("行号", "Row")): [p["row"] for p in task.result["problems"]],
                t(L("列", "Column")): [t(L(*p["column"])) for p in task.result["problems"]],
                t(L("值", "Value")): [p["value"] for p in task.result["problems"]],
                t(L("原因", "Reason")): [_reason(p) for p in task.result["problems"]],
            }
        ),
        hide_index=True,
        placeholder="",
    )


def _reason(problem: dict[str, Any]) -> str:
    return t(exchange.reason(words_of(problem["code"]), problem["same_as"], problem.get("like", "")))
