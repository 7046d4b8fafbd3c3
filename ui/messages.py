"""The words of every code that the services raise, in both languages; an unknown code gets general words."""

from typing import Any

from models.words import L
from web.messages import MESSAGES as PLAIN_MESSAGES

MESSAGES: dict[str, L] = PLAIN_MESSAGES | {
    "invalid": L("还有几处需要修改，已标在字段旁边；您填的内容都还在。",
                 "Some fields need a correction, marked beside them; nothing that you typed is lost."),
    "denied": L("您的角色没有这项权限", "Your role does not allow this"),
    "not_found": L("没有找到这条记录", "No such record"),
    "other_station": L("只能登记自己站点的记录", "Only records of your own station"),
    "conflict": L("您打开之后，别人改过这条记录。请对照后再保存。",
                  "Somebody changed this record after you opened it. Compare, then save again."),
    "already_done": L("已经保存过了", "This has been saved already"),
    "busy": L("系统正忙，请稍后再点一次", "The system is busy, please try again in a moment"),
    "bug": L("系统出错，编号 {number}，请告知管理员", "Something went wrong, number {number}; please tell the administrator"),
    "taken": L("已被使用，不能重复", "Already in use"),
    "in_use": L("引用的记录不存在", "A record that is named does not exist"),
    "has_children": L("还有其他记录引用它，不能移入回收站", "Other records refer to it; it cannot go to the bin"),
    "name_differs": L("该证件或手机已登记在另一姓名下，请核对",
                      "This document or phone is registered under another name, please check"),
    "date_format": L("请填写日期，如 2026-11-22", "A date such as 2026-11-22"),
    "time_format": L("请填写日期和时间，如 2026-11-22 14:00", "A date and time such as 2026-11-22 14:00"),
    "date_range": L("日期超出合理范围", "The date is out of range"),
    "number_format": L("请填写数字", "A number, please"),
    "number_whole": L("请填写整数", "A whole number, please"),
    "too_small": L("数值太小", "Too small"),
    "too_large": L("数值太大", "Too large"),
    "flag_format": L("请填 是 或 否", "Yes or no, please"),
    "ends_before_start": L("结束不能早于开始", "The end cannot be before the start"),
    "too_long_time": L("时间跨度过长", "The span is too long"),
    "held_in_future": L("还没开始，不能标为已举办", "It has not begun and cannot be held yet"),
    "step_and_date": L("下一步和日期要一起填", "A next step and its date go together"),
    "target_not_wanted": L("这种目标没有数值", "This kind of target has no number"),
    "credit_code_format": L("信用代码应为 18 位数字和大写字母（不含 I、O、S、V、Z）",
                            "A credit code has 18 digits and capitals (no I, O, S, V, Z)"),
    "credit_code_checksum": L("信用代码有误，请逐位核对", "There is a wrong character in the credit code"),
    "clash": L("时间有冲突", "There is a clash"),
    "full": L("名额已满", "No seats left"),
    "already_enrolled": L("这个人已经报名", "This person is enrolled already"),
    "capacity_below_enrolled": L("名额不能少于已录取人数", "Fewer seats than people enrolled"),
    "own_entry": L("不能审批自己录入的申请", "Nobody approves what they entered themselves"),
    "duplicate_in_file": L("与本文件前面的行重复", "The same as an earlier row of this file"),
    "parent_not_found": L("找不到它引用的记录", "The record that it names was not found"),
    "parent_ambiguous": L("有多条同名记录，请用编号", "Several records have that name, use the code"),
    "number_lost_digits": L("数字过长，Excel 已丢失末位，请设为文本格式重填",
                            "Excel has lost the last digits; make the cell text and type it again"),
    "formula_cell": L("单元格是公式，请粘贴为数值", "The cell is a formula; paste it as a value"),
    "error_cell": L("单元格是错误值", "The cell holds an error"),
    "missing_column": L("缺少必填的列", "A required column is missing"),
    "file_type": L("不支持这种文件", "Files of this kind are not accepted"),
    "file_size": L("文件过大", "The file is too large"),
    "empty_file": L("文件是空的", "The file is empty"),
    "not_a_sheet": L("不是表格文件，请用 xlsx 或 csv", "Not a sheet; use xlsx or csv"),
    "too_big": L("表格过大", "The sheet is too big"),
    "too_many_rows": L("行数过多", "Too many rows"),
    "too_many_columns": L("列数过多", "Too many columns"),
    "too_slow": L("表格读取超时", "Reading the sheet took too long"),
    "unreadable": L("文件无法读取，可能已损坏", "The file cannot be read; it may be damaged"),
    "password": L("文件有密码，请先取消", "The file has a password; remove it first"),
    "encoding": L("文字编码无法识别，请另存为 xlsx", "The encoding is unknown; save it as xlsx"),
    "no_header": L("找不到表头", "No header row was found"),
    "duplicate_header": L("表头有重复的列", "A column heading stands twice"),
    "no_such_sheet": L("没有这个工作表", "There is no such sheet"),
}  # fmt: skip


def words_of(code: str, **detail: Any) -> L:
    """The words of a code, its {details} filled in."""
    words = MESSAGES.get(code, MESSAGES["other"])
    return words.format(**detail) if "{" in words.zh else words
