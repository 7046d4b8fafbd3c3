"""The classes by which personal data are kept and then anonymised (feature X7; PIPL art. 19 and 47; rules.md 6.5, 6.16)."""

from models.base import Choice


class Retention(Choice):
    """Why somebody's data are here; the years that each is kept are settings, not law."""

    CLIENT = "client", "服务对象档案", "Client's file"
    LEFT = "volunteer_left", "已退出的志愿者", "Volunteer who left"
    REJECTED = "applicant_rejected", "未通过的申请人", "Applicant refused"
    TRAINEE = "trainee", "参训人员", "Trainee"
    NOBODY = "nobody", "已无任何身份的人员", "Person without any role"
