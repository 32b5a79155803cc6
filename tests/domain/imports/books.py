"""Small made-up books of the shape that a salon's exports have."""

from __future__ import annotations

from pathlib import Path

import console
from console.domain.imports.rules.books import Books, opened
from console.domain.imports.rules.reading import parsed

SALON = (Path(console.__file__).parent / "mappings" / "salon.toml").read_text("utf-8")

FILES = {
    "service-listing.csv": "IsActive,Code,Desc,Cate,Price,Cost\n"
    "TRUE,SHCW,Women's hair cut,STYLE,102,5\nTRUE,SBD,Blowdry,STYLE,0,5\nTRUE,MISC,miscellaneous,MISC,0,0\n"
    "TRUE,CTU,Color touch up,COLOR,0,10\n",
    "product-listing.csv": "IsActive,Code,Description,Category,Price\nTRUE,OIL,Argan oil,RETAIL,30\n",
    "future-bookings.csv": "Code,Staff,Service,Date,Time,TimeInt\n"
    "ANNA01,JJ,SHCW,07/10/2018,10:00:00 AM,600\n"
    "BORI01,JJ,SBD,07/10/2018,10:30:00 AM,630\n"  # while JJ still cuts Anna's hair
    "ANNA01,KELLY,CTU,07/10/2018,11:00:00 AM,660\n"
    "CARL01,KELLY,SHCW,07/11/2018,10:00:00 AM,600\n"
    "DORA01,KELLY,SBD,07/12/2018,10:00:00 AM,600\n"
    ",JJ,SHCW,07/12/2018,6:00:00 PM,1080\n",
    "receipt-transactions.csv": "Receipt,Date,Description,Client,Staff,Quantity,Amount,GST,PST\n"
    "2,07/10/2018,Women's hair cut,ANNA01,JJ,1,102,5,8\n"
    "2,07/10/2018,Color touch up,ANNA01,KELLY,1,70,3,5\n"
    "10,07/10/2018,Blowdry,BORI01,JJ,1,50,2,4\n"
    "10,07/10/2018,miscellaneous,BORI01,HOUSE,1,-50,-2,-4\n"
    "3,07/10/2018,Argan oil,WALK_IN,JJ,2,60,3,4\n"
    "4,07/10/2018,Argan oil,WALK_IN,JJ,1,30,1,2\n"
    "5,07/11/2018,Argan oil,ANNA01,JJ,1,30,1,2\n"
    "6,07/13/2018,Argan oil,ANNA01,JJ,-1,-30,-1,-2\n"
    "7,07/13/2018,Moon dust,ANNA01,JJ,1,9,0,0\n"
    "8,13/13/2018,Blowdry,ANNA01,JJ,1,9,0,0\n",
    "client-cancellations.csv": "Cancel Date,Code,Service,Staff,Booking Date,Canceled By,Days\n"
    "07/12/2018,DORA01,SBD,KELLY,07/12/2018,ADMIN,0\n"
    "07/01/2018,DORA01,SHCW,KELLY,07/20/2018,ADMIN,19\n",
    "no-show-report.csv": "Date,Code,Service,Staff\n07/11/2018,CARL01,SHCW,KELLY\n",
}

REPORT = {
    "service-listing.csv": {"read": 4, "imported": 4, "merged": 0, "rejected": 0},
    "product-listing.csv": {"read": 1, "imported": 1, "merged": 0, "rejected": 0},
    "future-bookings.csv": {"read": 6, "imported": 5, "merged": 0, "rejected": 1},
    "receipt-transactions.csv": {"read": 10, "imported": 8, "merged": 0, "rejected": 2},
    "client-cancellations.csv": {"read": 2, "imported": 2, "merged": 0, "rejected": 0},
    "no-show-report.csv": {"read": 1, "imported": 1, "merged": 0, "rejected": 0},
}


def books(files: dict[str, str] = FILES, mapping: str = SALON) -> Books:
    return opened({name: text.encode() for name, text in files.items()}, parsed(mapping), mapping)
