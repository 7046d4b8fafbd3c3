"""The record types of records.md that do not exist yet: what the indicators that rest on them wait for."""

from models import RECORDS
from models.words import L

AWAITED = {
    "budget_line": L("预算科目", "Budget lines"),
    "community_activity": L("社区活动", "Community activities"),
    "health_record": L("健康档案", "Health records"),
    "home_visit": L("入户探访", "Home visits"),
    "item_delivery": L("套餐履约", "Item deliveries"),
    "lecture": L("课程 / 讲座", "Lectures"),
    "scale_response": L("量表结果", "Scale responses"),
    "social_case": L("个案", "Cases"),
    "social_group": L("小组", "Groups"),
    "subscription": L("套餐签约", "Subscriptions"),
    "supervision_visit": L("检查指导", "Supervision visits"),
}
NO_RULE = L("计算口径", "a counting rule")


def label_of(record: str) -> L:
    """What a record type is called, whether or not it exists already."""
    if record in RECORDS:
        return RECORDS[record].label
    return AWAITED.get(record, NO_RULE)
