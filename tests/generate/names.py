"""Names as people give them: plain ones, several scripts, punctuation that means something elsewhere."""

WORDS = ("Data Pipeline Orders Customers VIP EU Newsletter Churn Weekly Sync Revenue Lead Score Warehouse Product Catalog Signup Trial Export "
         "Campaign Audience Global Nightly Backfill Segment Model Source Événements Größe Łódź naïve Zoë").split()
ODD = ["a_b", "a-b", "v1.2", "50% off", "C++ (AND)", "foo*bar", '"quoted"', "back\\slash", "key: value", "(paren", "AND OR NOT", "Zoë's list",
       "東京リスト", "がくせい", "서울 고객", "รายการ ลูกค้า", "قائمة العملاء", "Список клиентов", "Hauptstraße", "HAUPTSTRASSE 7", "İstanbul", "ﬁnance team",
       "🎉 launch 🎉", "e\u0301galite\u0301", "égalité", "<script>alert(1)</script>", "=cmd()", "tab\there", "line\nbreak", "  padded  name ", "x", "Søren", "𝒳-ray",
       "Newsletter – EU subscribers 2024", "%2F..%2F", "null", "N" * 1000, ""]


def name(random):
    """A name; one in six is odd."""
    if random.random() < 1 / 6:
        return random.choice(ODD)
    text = " ".join(random.choice(WORDS) for _ in range(random.randint(1, 3)))
    return f"{text}-{random.randint(1, 40)}" if random.random() < 0.5 else text
