"""What the clients of the lived business call and write about, and what they are answered, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.domain.tickets.demo import MONEY, OTHER, QUALITY, STAMPS, TIER, TIMES
from console.domain.tickets.rules import Priority, Rating, TicketChannel

PHONE, EMAIL, CHAT, IN_PERSON = TicketChannel
ANY = frozenset[str]()
ROOMS, WINDOWS, HOMES = frozenset({"REG", "DEEP"}), frozenset({"WIN"}), frozenset({"REG", "DEEP", "MOVE"})


@dataclass(frozen=True)
class Talk:
    """Something that is said: subject, what the client says, the answer, and what is written when it is settled.

    `of`: the services of which it can be said, by their codes, if not of any; `by_card`: only of what was paid by card.
    """

    category: int
    channel: TicketChannel
    priority: Priority
    texts: Mapping[str, tuple[str, str, str, str]]
    of: frozenset[str] = ANY
    by_card: bool = False

    def fits(self, codes: Sequence[str], *, by_card: bool) -> bool:
        """Whether it can be said of a visit."""
        return (not self.of or not self.of.isdisjoint(codes)) and (by_card or not self.by_card)


TALKS: Sequence[Talk] = (
    Talk(QUALITY, PHONE, Priority.NORMAL, {
        "en": ("Dust left on the shelves", "The shelves in the living room still have dust on them.",
               "Sorry about that. May we come by for half an hour on our own account?",
               "The shelves are done. Thank you for telling us."),
        "ru": ("На полках осталась пыль", "На полках в гостиной так и лежит пыль.",
               "Извините. Можно заедем на полчаса за наш счёт?", "Полки протёрли. Спасибо, что сказали."),
    }, ROOMS),
    Talk(QUALITY, CHAT, Priority.HIGH, {
        "en": ("Streaks on the windows", "There are streaks on every window, you see them in the sun.",
               "We see it on your picture. That is not how it should look, we are putting it right.",
               "Noted on your card. The crew has been told about these windows."),
        "ru": ("Разводы на окнах", "На всех окнах разводы, на солнце видно.",
               "На фото видно. Так быть не должно, исправим.", "Отметили на карте. Бригаде про окна сказали."),
    }, WINDOWS),
    Talk(QUALITY, EMAIL, Priority.NORMAL, {
        "en": ("Bathroom mirror forgotten", "All is fine except the mirror in the bathroom, which nobody touched.",
               "Thank you for writing. We have spoken with whoever was there.",
               "It is on the list for every visit from now on."),
        "ru": ("Забыли зеркало в ванной", "Всё хорошо, только зеркало в ванной не тронули.",
               "Спасибо, что написали. С исполнителем поговорили.", "Внесли в список на каждый визит."),
    }, ROOMS),
    Talk(QUALITY, PHONE, Priority.HIGH, {
        "en": ("A glass was broken", "One of the wine glasses is broken and nobody told me.",
               "We are sorry, and for the silence even more. We shall make it good.",
               "Made good as agreed on the phone."),
        "ru": ("Разбили бокал", "Один бокал разбит, и никто не сказал.",
               "Простите, и за молчание особенно. Возместим.", "Возместили, как договорились по телефону."),
    }, HOMES),
    Talk(TIMES, PHONE, Priority.NORMAL, {
        "en": ("They came forty minutes late", "We waited for forty minutes and nobody called.",
               "The van stood in traffic, and we should have called. That is our mistake.",
               "From now on the desk calls when it is more than ten minutes."),
        "ru": ("Опоздали на сорок минут", "Ждали сорок минут, никто не позвонил.",
               "Машина стояла в пробке, а позвонить должны были мы. Наша ошибка.",
               "Теперь звоним, если опаздываем больше чем на десять минут."),
    }),
    Talk(TIMES, EMAIL, Priority.LOW, {
        "en": ("Could it be an hour earlier?", "Would an hour earlier be possible the next time?",
               "Yes, from the next visit on. We have noted it.", "Moved. See you then!"),
        "ru": ("Можно на час раньше?", "В следующий раз можно на час раньше?",
               "Да, со следующего визита. Записали.", "Перенесли. До встречи!"),
    }),
    Talk(STAMPS, PHONE, Priority.NORMAL, {
        "en": ("How many stamps do I have?", "How many visits are there until the free one?",
               "It is on the card and in every receipt. I am sending you the picture of it.",
               "Sent. Thank you for asking!"),
        "ru": ("Сколько у меня штампов?", "Сколько осталось до бесплатной уборки?",
               "Это есть на карте и в каждом чеке. Отправляю фото карты.", "Отправили. Спасибо за вопрос!"),
    }),
    Talk(TIER, EMAIL, Priority.NORMAL, {
        "en": ("What brings a discount?", "What does it take to have a discount, and what keeps it?",
               "It looks back over half a year: at your visits and at what they cost. The rules have the numbers.",
               "Explained on the phone with the dates."),
        "ru": ("За что даётся скидка?", "Как получить скидку и как её не потерять?",
               "Смотрим на полгода назад: на визиты и их стоимость. Числа есть в правилах.",
               "Объяснили по телефону с датами."),
    }),
    Talk(MONEY, EMAIL, Priority.NORMAL, {
        "en": ("Receipt for the accountant", "Please send the receipt of the last visit once more.",
               "Here it is, with the stamp.", "Received by the accountant, all in order."),
        "ru": ("Чек для бухгалтерии", "Пришлите ещё раз чек за последний визит.",
               "Отправили, с печатью.", "Бухгалтерия получила, всё в порядке."),
    }),
    Talk(MONEY, IN_PERSON, Priority.NORMAL, {
        "en": ("Paid twice by card?", "My bank shows the payment twice.",
               "One of them is only reserved. It goes back by itself within three days.",
               "The bank has let it go, the client has confirmed it."),
        "ru": ("Деньги списали дважды?", "В банке платёж виден два раза.",
               "Один только зарезервирован и вернётся сам за три дня.",
               "Банк снял резерв, клиент подтвердил."),
    }, by_card=True),
    Talk(OTHER, CHAT, Priority.LOW, {
        "en": ("Praise for the crew", "Please tell them: it has never been this clean here.",
               "They are glad, and so are we. Thank you!", "Read out to everybody in the morning."),
        "ru": ("Похвала бригаде", "Передайте: так чисто здесь ещё не было.",
               "Они рады, и мы тоже. Спасибо!", "Прочитали всем утром."),
    }),
    Talk(OTHER, PHONE, Priority.LOW, {
        "en": ("Which sprays do you use?", "We have a small child now: what do you clean with?",
               "With soap and vinegar where we may. We have noted green products on your card.",
               "Noted for every visit."),
        "ru": ("Чем вы моете?", "У нас теперь малыш: чем вы моете?",
               "Где можно, мылом и уксусом. На карте отметили «только зелёные средства».",
               "Отметили для каждого визита."),
    }),
)  # fmt: skip

THINKS: Mapping[str, Mapping[Rating, Sequence[str | None]]] = {
    "en": {
        Rating.GOOD: (None, "Thank you, quick and kind.", None, "All is well now.", None),
        Rating.BAD: ("I had to call twice.", "It took too long.", "The next time it was the same again.", None),
    },
    "ru": {
        Rating.GOOD: (None, "Спасибо, быстро и по-человечески.", None, "Теперь всё хорошо.", None),
        Rating.BAD: ("Пришлось звонить дважды.", "Слишком долго.", "В следующий раз было то же самое.", None),
    },
}
"""What they write of how it was settled, if anything."""
