"""Invented people and organisations of the demonstration year: nobody's name, number or code, yet every check passes.

Document and credit codes carry an area that no place has; mobile numbers have prefixes that subscribers do not get.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from random import Random
from typing import Any

from models.identifiers import credit_code_check, resident_check_character
from models.partners import OrganisationKind
from models.people import Gender, IdType

NOWHERE = "449900"
PREFIXES = ("142", "143", "154")
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁韦马方俞任袁柳梁黄罗林邓曾"
GIVEN = {
    Gender.MALE: "伟强磊军勇杰涛超明刚平辉鹏飞宇浩凯健俊帆博文志远泽川哲恒睿航",
    Gender.FEMALE: "芳娜敏静丽艳娟霞秀英慧巧美兰玲珍雪琳洁莹颖婷彤倩蓉妍菲悦瑶欣",
}
REGIONS = {
    "440103": "荔湾区", "440104": "越秀区", "440105": "海珠区", "440106": "天河区",
    "440111": "白云区", "440112": "黄埔区", "440113": "番禺区",
}  # fmt: skip
STEMS = tuple(a + b for a in "禾汐屿澄砚朔黎霁岚棠" for b in "岚屿汀禾昀溪楹澍榆泠" if a != b)
SUFFIXES: dict[OrganisationKind, tuple[str, ...]] = {
    OrganisationKind.FOUNDATION: ("公益基金会", "健康基金会", "医疗救助基金会"),
    OrganisationKind.SOCIAL: ("社会工作服务中心", "志愿服务协会", "慈善服务促进会"),
    OrganisationKind.COMMUNITY: ("社区居民委员会",),
    OrganisationKind.SCHOOL: ("小学", "中学", "职业技术学院"),
    OrganisationKind.GOVERNMENT: ("街道办事处", "镇社会事务办公室"),
    OrganisationKind.ENTERPRISE: ("科技有限公司", "健康管理有限公司", "物业服务有限公司"),
    OrganisationKind.MEDICAL: ("社区卫生服务中心", "康复医院"),
    OrganisationKind.MEDIA: ("融媒体中心", "健康周刊"),
    OrganisationKind.OTHER: ("商圈联合党群服务中心",),
}
REGISTRARS = {
    OrganisationKind.FOUNDATION: "53",
    OrganisationKind.SOCIAL: "52",
    OrganisationKind.COMMUNITY: "55",
    OrganisationKind.GOVERNMENT: "11",
    OrganisationKind.ENTERPRISE: "91",
}


class Inventor:
    """Draws from one source of chance; every number that it gives is given once."""

    def __init__(self, random: Random, today: date) -> None:
        self.random, self.today = random, today
        self._serial = count(1)
        self._stems: Iterator[str] = iter(random.sample(STEMS, len(STEMS)))

    def person(self) -> dict[str, Any]:
        """Somebody of whom a name, a gender and a phone are known."""
        gender = self.random.choice(list(Gender))
        given = "".join(self.random.choices(GIVEN[gender], k=self.random.choice((1, 2, 2))))
        return {"name": self.random.choice(SURNAMES) + given, "gender": gender, "phone": self.phone()}

    def volunteer(self, youngest: int = 19, oldest: int = 72) -> dict[str, Any]:
        """Somebody with a resident number, a residence and an age, in full years, from youngest to below oldest."""
        born = self.today - timedelta(days=self.random.randint(youngest * 366, oldest * 365))
        person = self.person()
        code, region = self.random.choice(list(REGIONS.items()))
        return person | {
            "id_type": IdType.RESIDENT_ID,
            "id_number": self.resident_number(born, person["gender"]),
            "birth_date": born,
            "region_code": code,
            "region": region,
            "address": self.address() if self.random.random() < 0.6 else None,
            "email": f"v{next(self._serial)}@example.org" if self.random.random() < 0.3 else None,
        }

    def address(self) -> str:
        return f"{self.random.choice(STEMS)}路{self.random.randint(1, 300)}号"

    def resident_number(self, born: date, gender: Gender) -> str:
        area, sequence = divmod(next(self._serial), 100)
        sex = self.random.randrange(5) * 2 + (gender == Gender.MALE)
        first = f"{NOWHERE[:4]}{area % 100:02d}{born:%Y%m%d}{sequence:02d}{sex}"
        return first + resident_check_character(first)

    def phone(self) -> str:
        return f"{self.random.choice(PREFIXES)}{next(self._serial):05d}{self.random.randrange(1000):03d}"

    def work_phone(self) -> str:
        return f"020-0{self.random.randrange(10**7):07d}"

    def organisation(self, kind: OrganisationKind) -> dict[str, Any]:
        """Its name, kind, place and credit code."""
        code, region = self.random.choice(list(REGIONS.items()))
        registrar = REGISTRARS.get(kind, "12")
        first = f"{registrar}{NOWHERE}MD{next(self._serial):05d}{code[-2:]}"
        return {
            "name": next(self._stems) + self.random.choice(SUFFIXES[kind]),
            "kind": kind,
            "credit_code": first + credit_code_check(first),
            "region": region,
            "address": self.address(),
        }
