"""The record types of records.md that do not exist yet: what the indicators that rest on them wait for."""

from models import RECORDS
from models.words import L

AWAITED = {
    "aid_application": L("救助申请", "Aid applications"),
    "assistance_service": L("就医协助", "Assistance services"),
    "base_duty_log": L("基地管理日志", "Base duty log"),
    "budget_line": L("预算科目", "Budget lines"),
    "charity_project": L("公益项目", "Charity projects"),
    "client": L("服务对象", "Clients"),
    "community_activity": L("社区活动", "Community activities"),
    "community_visit": L("社区走访", "Community visits"),
    "cooperation_project": L("医疗合作项目", "Cooperation projects"),
    "coordination_meeting": L("多方会议", "Coordination meetings"),
    "deliverable": L("交付成果", "Deliverables"),
    "demonstration_site": L("健康社区示范点", "Demonstration sites"),
    "followup_task": L("随访任务", "Follow-up tasks"),
    "grant_application": L("课题", "Grant applications"),
    "group_snapshot": L("社群成员快照", "Group snapshots"),
    "health_record": L("健康档案", "Health records"),
    "home_visit": L("入户探访", "Home visits"),
    "item_delivery": L("套餐履约", "Item deliveries"),
    "lecture": L("课程 / 讲座", "Lectures"),
    "official_account_post": L("公众号推文", "Official-account posts"),
    "promo_material": L("宣传物料", "Promotional materials"),
    "publication": L("文章", "Publications"),
    "scale_response": L("量表结果", "Scale responses"),
    "seminar": L("研讨会", "Seminars"),
    "social_case": L("个案", "Cases"),
    "social_group": L("小组", "Groups"),
    "staff_member": L("专职人员", "Staff members"),
    "staff_qualification": L("人员资质", "Staff qualifications"),
    "subscription": L("套餐签约", "Subscriptions"),
    "supervision_visit": L("检查指导", "Supervision visits"),
    "technology_promotion": L("适宜新技术推广", "Technology promotions"),
    "welfare_campaign": L("福利活动", "Welfare campaigns"),
    "wechat_group": L("微信社群", "WeChat groups"),
}
NO_RULE = L("计算口径", "a counting rule")


def label_of(record: str) -> L:
    """What a record type is called, whether or not it exists already."""
    if record in RECORDS:
        return RECORDS[record].label
    return AWAITED.get(record, NO_RULE)
