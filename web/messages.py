"""The words, in both languages, of every code that a plain page can show."""

from models.words import L

MESSAGES: dict[str, L] = {
    "required": L("请填写这一项", "Please fill this in"),
    "too_long": L("太长了，请缩短", "Too long, please shorten it"),
    "not_a_date": L("请按 2026-01-31 的格式填写日期", "Please give the date as 2026-01-31"),
    "not_a_choice": L("请从选项中选择", "Please choose one of the options"),
    "consent_missing": L("请先阅读说明并勾选同意", "Please read the notice and tick the box to agree"),
    "guardian_missing": L("未满 18 周岁需填写监护人", "Under 18: a guardian is needed"),
    "date_future": L("不能晚于今天", "It cannot be later than today"),
    "birth_date_differs": L("与证件号码中的出生日期不一致", "It differs from the date in the document number"),
    "gender_differs": L("与证件号码中的性别不一致", "It differs from the document number"),
    "id_format": L("证件号码格式不正确，请核对", "This is not how such a number is written, please check it"),
    "id_area": L("证件号码的地区码不正确", "The area code of the number does not exist"),
    "id_date": L("证件号码中的日期不存在", "The date in the number does not exist"),
    "id_age": L("证件号码中的出生日期不合理", "The birth date in the number cannot be right"),
    "id_checksum": L("证件号码有误，请逐位核对", "There is a wrong digit in the number, please check it"),
    "id_old_15": L("请填写 18 位身份证号码", "Please give the number of 18 characters"),
    "id_is_resident": L("这像是居民身份证号码，请改选证件类型", "This looks like a resident ID: choose that type"),
    "id_unknown_type": L("请选择证件类型", "Please choose the type of document"),
    "phone_format": L("手机号应为 11 位数字", "A mobile number has 11 digits"),
    "region_code": L("请选择居住区域", "Please choose your district"),
    "sign_in_failed": L("用户名或密码不正确", "The username or the password is not right"),
    "locked": L("尝试次数过多，请 15 分钟后再试", "Too many attempts. Please try again in 15 minutes"),
    "too_many": L("提交过于频繁，请稍后再试", "Too many submissions. Please try again later"),
    "password_wrong": L("当前密码不正确", "The current password is not right"),
    "password_differs": L("两次输入的密码不一致", "The two passwords differ"),
    "password_short": L("密码至少 10 个字符", "At least 10 characters"),
    "password_long": L("密码过长：最多 72 字节（约 24 个汉字）", "Too long: at most 72 bytes"),
    "password_simple": L(
        "须包含大写字母、小写字母、数字、符号中的至少三种",
        "Use at least three of: capitals, small letters, digits, symbols",
    ),
    "password_has_username": L("密码不能包含用户名", "The password must not contain the username"),
    "password_used": L("不能与最近 5 次用过的密码相同", "It must differ from your last 5 passwords"),
    "username_bad": L(
        "用户名为 3–40 位小写字母、数字或 . _ -，以字母开头",
        "3–40 small letters, digits or . _ -, beginning with a letter",
    ),
    "username_taken": L("这个用户名已被使用", "This username is taken"),
    "roles_bad": L("没有这个角色", "There is no such role"),
    "setup_code_wrong": L(
        "设置码不正确，请查看启动窗口中的设置码", "Not the code that the server printed at its start"
    ),
    "setup_done": L("系统已设置完毕，请直接登录", "The portal is set up already. Please sign in"),
    "not_yet_open": L("还没到签到时间：开课前 1 小时开放签到", "Too early: check-in opens 1 hour before the start"),
    "over": L("签到已结束", "Check-in is over"),
    "not_on_list": L(
        "名单上没有这个姓名和手机号：看一下是否打错；确实没报名，就按现场报名登记",
        "This name and number are not on the list: look for a slip. If you did not enrol, you can walk in",
    ),
    "only_out": L(
        "已经下课（或已标为已举办），不再签到，只能签退",
        "The class is over or marked as held: one can check out, but no longer in",
    ),
    "session_cancelled": L("本班已取消", "This session has been cancelled"),
    "full": L("名额已满，请找现场工作人员", "All seats are taken. Please speak to the staff at the door"),
    "waits": L(
        "您在候补中，目前没有空位，请找现场工作人员",
        "You are on the waitlist and no seat is free yet. Please speak to the staff",
    ),
    "code_expired": L(
        "不是现在的签到码，码过一会儿就换：请再扫一次屏幕，或填现场现在的 6 位数字",
        "Not the code of this moment: scan the screen again, or type the six digits that hold in the room now",
    ),
    "code_unknown": L(
        "这不是现在的签到码。签到码过一会儿就换（有屏幕的 30 秒，口头报的 5 分钟）：请看一眼屏幕或问工作人员，填现在的 6 位数字",
        "Not a code of this moment. Codes change every 30 seconds on a screen, every 5 minutes where the staff tell them:"
        " look at the screen again or ask, and type the digits that show now",
    ),
    "not_begun": L(
        "还没开始上课，不用签退；确实要走，请告诉工作人员",
        "It has not begun: no need to check out. If you have to go, tell the staff",
    ),
    "not_checked_in": L("还没有您的签到，请先签到", "You have not checked in yet. Please check in first"),
    "no_trainee": L("您登记为观摩或助教，不必签到", "You are here to observe or assist, no need to check in"),
    "teaches_here": L("您是本班讲师，不必签到", "You teach this session, no need to check in"),
    "unanswered": L("这题还没答", "Not answered yet"),
    "quiz_none": L("这个班没有手机测验", "This session has no quiz"),
    "quiz_not_yet": L("测验还没开放：开课前一小时开始", "The quiz opens an hour before the session"),
    "quiz_over": L("测验已经结束", "The quiz is over"),
    "quiz_stranger": L(
        "名单里没有这个姓名和手机号，请核对，或找现场工作人员",
        "This name and number are not on the list. Please check them, or speak to the staff",
    ),
    "quiz_done": L(
        "您的理论考核已经完成，不能再考；成绩请问工作人员",
        "Your theory exam is complete and there are no more attempts; ask the staff for your score",
    ),
    "quiz_late": L("超过时间才交卷，这次记 0 分", "Handed in after the time was over, so it scores 0"),
    "feedback_not_yet": L("开课后才能评价", "Feedback opens when the session begins"),
    "feedback_over": L("评价已经截止", "Feedback has closed"),
    "feedback_given": L("这部手机已经评价过，谢谢您", "Feedback was given from this phone already. Thank you"),
    "feedback_full": L("收到的评价已和到场人数一样多", "There are as many answers as people who came"),
    "not_open_yet": L("报名还没开始", "Registration is not open yet"),
    "registration_closed": L("报名已截止", "Registration has closed"),
    "session_over": L("本班已举办", "This session has taken place"),
    "places_gone": L("名额和候补都已满", "All seats and waitlist places are taken"),
    "enrolled_before": L(
        "这个姓名和手机号已报过名，请用报名时的链接查看；链接丢了，工作人员可再给您",
        "This name and number are enrolled already. Use the link you got then; if it is lost, the staff can give it again",
    ),
    "teaches_session": L("您是本班讲师，不用报名", "You teach this session, no need to enrol"),
    "withdrawal_over": L("已过网上退出时间", "It is too late to withdraw here"),
    "attended": L("已签到，不能取消", "They came, so it cannot be cancelled"),
    "link_revoked": L("这个链接已停用", "This link has been revoked"),
    "link_short": L("超过这个链接还可报的人数", "More people than this link may still add"),
    "too_many_lines": L("一次最多 30 人", "At most 30 people at once"),
    "line_twice": L("与前面的一行相同", "The same as a line before"),
    "lines_wrong": L("有几行需要修改，一个也还没报", "Some lines need a correction; nobody is enrolled yet"),
    "times_format": L("请写成 08:30-11:10，多段用空格隔开", "Write 08:30-11:10, several apart by a space"),
    "times_backwards": L("开始须早于结束，且不能跨零点", "Each must begin before it ends, and not go over midnight"),
    "times_overlap": L("几段时间互相重叠", "Some of the times overlap"),
    "too_many_times": L("一次最多 10 段", "At most 10 at a time"),
    "not_a_time": L("请按 08:30 的格式填写时间", "Please give the time as 08:30"),
    "claim_too_old": L("已超过可以补报的天数，请联系工作人员", "Too long ago to claim here; please speak to the staff"),
    "claims_waiting": L(
        "已有 10 条补报待确认，请等工作人员处理", "Ten of your claims wait already; the staff will decide on them"
    ),
    "hours_already": L("这一班已有您的时长", "There are hours of yours for this shift already"),
    "hours_taken_back": L(
        "这一班的时长已被取消；有异议请申请更正",
        "The hours of this shift were taken back; you may ask for a correction",
    ),
    "withdrawn_then": L(
        "您退出了这一班；后来还是去了的，请联系负责人",
        "You had withdrawn from this shift; if you came all the same, please call the person in charge",
    ),
    "shift_called_off": L(
        "这一班当时已取消；确有服务请联系负责人",
        "This shift was called off; if you did serve, please call the person in charge",
    ),
    "outside_shift": L("不是班次的那一天", "Not the day of the shift"),
    "beyond_shift": L("要在班次的起止时间之内", "Within the hours of the shift"),
    "above_shift": L("不能超过班次时长", "Longer than the shift"),
    "times_future": L("结束时间还没到", "That time has not come yet"),
    "month_closed": L(
        "所在月份已结账，不能增改；确需更正请领导重新打开", "That month is closed; a leader can reopen it"
    ),
    "hours_overlap": L("与另一条时长重叠", "It overlaps with other hours"),
    "volunteer_not_active": L("不在册或已撤回同意，不能报名", "Not active, or consent was withdrawn"),
    "credential_missing": L("缺少岗位要求的证书", "A required credential is missing"),
    "credential_expired": L("岗位要求的证书到那天已过期", "A required credential has expired by that day"),
    "insurance_missing": L("那天没有有效的意外险", "No accident insurance on that day"),
    "overlap": L("与已报的另一班时间重叠", "It overlaps with another shift"),
    "shift_full": L("这一班已满", "This shift is full"),
    "signed_already": L("已经报了这一班", "Signed up for this shift already"),
    "taken_off": L(
        "工作人员已把您移出这一班，请联系负责人", "You were taken off this shift; please call the person in charge"
    ),
    "shift_closed": L("这一班已不能报名或签到", "This shift takes no more people"),
    "not_signed_up": L("没有报这一班", "Not signed up for this shift"),
    "too_early": L("还没到签到时间：开始前 1 小时开放", "Too early: one hour before the start at the earliest"),
    "shift_over": L("这一班已经结束", "This shift is over"),
    "signed_in_still": L("还有一次没有签退", "There is a sign-in that is still open"),
    "not_signed_in": L("还没有签到", "Not signed in"),
    "too_many_pairs": L("这项活动今天的签到次数已满", "No more sign-ins for this activity today"),
    "withdraw_over": L("退出截止时间已过", "The time to withdraw is over"),
    "stars_waiting": L("已申请，等评定", "Applied for already; it waits for a decision"),
    "no_stars": L("时长还没达到下一个星级", "The hours do not reach the next star yet"),
    "no_hours": L("这段时间没有已生效的时长", "No effective hours in this period"),
    "conflict": L("刚刚已有变化，请看最新情况", "It has just changed; please look again"),
    "unfit": L(
        "有内容无法保存：过长、过大或含特殊字符", "Something is too long, too large or too strange to be stored"
    ),
    "date_range": L("日期超出合理范围", "The date is out of range"),
    "busy": L("系统正忙，请稍等片刻再提交", "The system is busy. Please submit again in a moment"),
    "proof_unknown": L("不是本院出具：请核对编号和校验码", "Not issued here: please check the number and the code"),
    "certificate_unknown": L(
        "没有查到这张证书，请核对编号和校验码", "No such certificate: please check the number and the code"
    ),
    "http_400": L("请求无法识别", "The request could not be read"),
    "http_401": L("请先登录", "Please sign in first"),
    "http_403": L("页面已过期，请返回刷新后重新提交", "This page has expired. Go back, reload it and submit again"),
    "http_404": L("没有这个页面", "There is no such page"),
    "http_405": L("此页面不支持这种操作", "This page cannot do that"),
    "http_413": L("提交的内容过大", "What was submitted is too large"),
    "http_415": L("提交的格式不支持", "What was submitted is of a kind that is not accepted"),
    "http_429": L("操作过于频繁，请稍后再试", "Too many requests. Please try again later"),
    "http_500": L("系统出错了，我们已记录", "Something went wrong on our side; it has been recorded"),
    "http_503": L("此服务暂未开通", "This service is not open yet"),
    "other": L("无法接受这项内容，请检查", "This cannot be accepted, please check it"),
}


CALLS = {
    "enrolled_before": L("请致电 {phone} 取回", "call {phone} to get it again"),
    "withdrawal_over": L("来不了请致电 {phone}", "if you cannot come, call {phone}"),
    "link_revoked": L("请致电 {phone}", "call {phone}"),
    "link_short": L("要增加请致电 {phone}", "for more call {phone}"),
    "withdraw_over": L("来不了请致电 {phone}", "if you cannot come, call {phone}"),
    "session_cancelled": L("有疑问请致电 {phone}", "for questions call {phone}"),
}


def words_of(code: str, phone: str = "") -> L:
    """The words of a code; an unknown one gets general words, never the bare code. Where there is somebody to call, the
    words say at which number; where there is nobody, they do not say that one should call."""
    told = MESSAGES.get(code, MESSAGES["http_400" if code.startswith("http_") else "other"])
    if not phone or code not in CALLS:
        return told
    call = CALLS[code].format(phone=phone)
    return L(f"{told.zh}；{call.zh}", f"{told.en}; {call.en}")
