"""What the demo's cleaning company offers: names in both languages, minutes, roubles."""

from __future__ import annotations

from console.domain.catalogue.rules import Needs

CATEGORIES = (
    {"en": "Homes", "ru": "Квартиры и дома"},
    {"en": "Offices", "ru": "Офисы"},
    {"en": "Extras", "ru": "Дополнительно"},
    {"en": "For sale", "ru": "Товары"},
)

_VAN = Needs(people=2, vehicles=1)
_MACHINE = Needs(people=1, equipment=1)

SERVICES = (
    # code, names, category, minutes, buffer after, needs, roubles
    ("REG", {"en": "Regular clean", "ru": "Поддерживающая уборка"}, 0, 120, 30, Needs(), 3_500),
    ("DEEP", {"en": "Deep clean", "ru": "Генеральная уборка"}, 0, 240, 30, Needs(people=2), 8_900),
    ("MOVE", {"en": "Moving-out clean", "ru": "Уборка после переезда"}, 0, 300, 30, _VAN, 12_500),
    ("RENO", {"en": "Clean after building work", "ru": "Уборка после ремонта"}, 0, 360, 30, _VAN, 16_000),
    ("OFF", {"en": "Office, evening", "ru": "Офис, вечером"}, 1, 180, 30, Needs(people=2), 6_400),
    ("WIN", {"en": "Windows and balcony", "ru": "Окна и балкон"}, 2, 90, 15, Needs(), 2_800),
    ("SOFA", {"en": "Sofa, dry clean", "ru": "Химчистка дивана"}, 2, 120, 30, _MACHINE, 4_200),
    ("RUG", {"en": "Rug, dry clean", "ru": "Химчистка ковра"}, 2, 60, 30, _MACHINE, 1_900),
    ("IRON", {"en": "Ironing, one hour", "ru": "Глажка, час"}, 2, 60, 0, Needs(), 900),
)

PRODUCTS = (
    # code, names, barcode, roubles
    ("SPRAY", {"en": "Glass spray, 500 ml", "ru": "Спрей для стёкол, 500 мл"}, "4600000000015", 390),
    ("CLOTH", {"en": "Microfibre cloths, 3 pieces", "ru": "Салфетки из микрофибры, 3 шт."}, "4600000000022", 450),
    ("GIFT", {"en": "Gift box", "ru": "Подарочный набор"}, None, 1_990),
)
