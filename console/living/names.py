"""What the clients of the demo's business are called, in the demo's language: invented people and businesses."""

from __future__ import annotations

from console.domain.clients.rules import Names

GIVEN = {
    "en": (
        "Alan", "Alma", "Amelia", "Arthur", "Audrey", "Barry", "Bertha", "Blake", "Carla", "Cecil", "Cora", "Dale",
        "Dora", "Duncan", "Edith", "Elliot", "Ellen", "Felix", "Flora", "Gail", "Gordon", "Hazel", "Hugo", "Iris",
        "Jack", "Joan", "Joel", "Kara", "Keith", "Lena", "Lloyd", "Lucy", "Marcus", "Mabel", "Neil", "Olive",
        "Percy", "Rita", "Ronald", "Sadie", "Silas", "Thea", "Trevor", "Vera", "Wallace", "Zoe",
    ),
    "ru": (
        "Александр", "Алёна", "Андрей", "Анастасия", "Антон", "Валентина", "Вадим", "Вероника", "Виталий",
        "Виктория", "Глеб", "Дарья", "Дмитрий", "Екатерина", "Евгений", "Елизавета", "Захар", "Жанна", "Илья",
        "Ирина", "Константин", "Лариса", "Леонид", "Людмила", "Максим", "Марина", "Михаил", "Надежда", "Никита",
        "Наталья", "Олег", "Оксана", "Павел", "Раиса", "Роман", "Светлана", "Сергей", "Тамара", "Степан",
        "Татьяна", "Фёдор", "Эльвира", "Юрий", "Юлия", "Яков", "Яна",
    ),
}  # fmt: skip
"""In Russian men's and women's take turns."""
FAMILY = {
    "en": (
        "Ashby", "Barlow", "Benton", "Birch", "Calder", "Carver", "Corbett", "Dalton", "Denham", "Elwood", "Farrow",
        "Finch", "Garland", "Gibbs", "Harker", "Hobbs", "Irving", "Jarvis", "Keel", "Lacey", "Linden", "Mercer",
        "Milburn", "Norris", "Oakes", "Parrish", "Pike", "Radley", "Rowan", "Sayer", "Sutton", "Tilden", "Underhill",
        "Vance", "Warner", "Whitby", "Yates",
    ),
    "ru": (
        "Авдеев", "Артамонов", "Беляков", "Богатырёв", "Васильков", "Воробьёв", "Глухов", "Горелов", "Данилов",
        "Дубинин", "Ермаков", "Ерофеев", "Завьялов", "Зверев", "Ильин", "Калинин", "Карташов", "Комаров", "Кузьмин",
        "Лаптев", "Лебедев", "Макаров", "Мельников", "Назаров", "Овчинников", "Осипов", "Панфилов", "Поляков",
        "Рябинин", "Савельев", "Соловьёв", "Тарасов", "Трофимов", "Уваров", "Филатов", "Хохлов", "Щербаков",
    ),
}  # fmt: skip
BUSINESSES = {
    "en": (
        "Amber Dental", "Anchor Print", "Birdsong Nursery", "Brass Key Hotel", "Cedar Law Office", "Copper Kettle",
        "Corner Bakery", "Fern & Co Architects", "Five Oaks Gym", "Garden Gate Florist", "Harbour Gallery",
        "Juniper Clinic", "Kite Coworking", "Lantern Theatre", "Maple Accounts", "Orchard Music School",
        "Pebble Beach Yoga", "Quill Notaries", "Redwood Software", "Silver Birch Vets", "Stone Bridge Travel",
        "Thistle Tea Room", "Velvet Barbers", "Willow Daycare",
    ),
    "ru": (
        "Стоматология «Янтарь»", "Типография «Якорь»", "Детский сад «Синица»", "Гостиница «Ключ»",
        "Адвокаты «Кедр»", "Кафе «Самовар»", "Пекарня «Угол»", "Архитекторы «Папоротник»", "Зал «Пять дубов»",
        "Цветы «Калитка»", "Галерея «Гавань»", "Клиника «Можжевельник»", "Коворкинг «Змей»", "Театр «Фонарь»",
        "ООО «Клён-Аудит»", "Школа музыки «Сад»", "Йога «Галька»", "Нотариус Перов", "ООО «Секвойя»",
        "Ветеринары «Берёза»", "Турбюро «Мост»", "Чайная «Чертополох»", "Барбершоп «Бархат»", "Ясли «Ива»",
    ),
}  # fmt: skip
STREETS = {
    "en": (
        "Arbat Street", "Bolshaya Ordynka", "Leninsky Avenue", "Malaya Bronnaya", "Myasnitskaya Street",
        "Novoslobodskaya Street", "Profsoyuznaya Street", "Sretenka Street", "Taganskaya Street", "Yauza Embankment",
    ),
    "ru": (
        "ул. Арбат", "ул. Большая Ордынка", "Ленинский пр-т", "ул. Малая Бронная", "Мясницкая ул.",
        "Новослободская ул.", "Профсоюзная ул.", "ул. Сретенка", "Таганская ул.", "Яузская наб.",
    ),
}  # fmt: skip
NOTES = {
    "en": (
        "Key in the box by the door, code 2580.", "Shoes off, please: white carpet.",
        "The dog is friendly and follows you about.", "Do not move the papers on the desk.",
        "Ring ten minutes before arriving.", "Own vacuum cleaner in the cupboard, use that one.",
        "Parking in the yard only with the barrier's code 1470.", "The balcony is not part of it.",
        "Bedroom first, the child sleeps from noon.", "Pays in cash, wants the change exactly.",
    ),
    "ru": (
        "Ключ в ящике у двери, код 2580.", "Разуваться: белый ковёр.", "Собака добрая, ходит следом.",
        "Бумаги на столе не трогать.", "Позвонить за десять минут.", "Пылесос хозяйский, в шкафу.",
        "Парковка во дворе, код шлагбаума 1470.", "Балкон не убираем.", "Сначала спальня: ребёнок спит с полудня.",
        "Платит наличными, сдача нужна точная.",
    ),
}  # fmt: skip


def person(language: str, number: int) -> Names:
    """The name of somebody by their number; every one is another."""
    given, family = GIVEN[language], FAMILY[language]
    first = given[number % len(given)]
    last = family[(number * 5 + number // len(given)) % len(family)]
    return Names(first, None, last + "а" if language == "ru" and number % 2 else last)


def business(language: str, place: int) -> str:
    """What a business client is called; those that are more than the list have a branch."""
    listed = BUSINESSES[language]
    branch = f" {place // len(listed) + 1}" if place >= len(listed) else ""
    return listed[place % len(listed)] + branch


def address(language: str, number: int, *, flat: bool) -> str:
    """Where somebody lives, or works."""
    street, house = STREETS[language][number % len(STREETS[language])], 2 + number * 3 % 90
    if language == "ru":
        return f"Москва, {street}, {house}" + f", кв. {number % 120 + 1}" * flat
    return f"{house} {street}" + f", flat {number % 120 + 1}" * flat
