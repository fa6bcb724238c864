//! Names of resources: two to four words, about 34 bytes, some beyond ASCII.

use super::Random;

/// Words that everybody uses; the first ones most.
const USUAL: [&str; 40] = [
    "Customer",
    "Newsletter",
    "Campaign",
    "Quarterly",
    "Onboarding",
    "Project",
    "Summer",
    "Report",
    "Retention",
    "Marketing",
    "Welcome",
    "Trial",
    "Enterprise",
    "Active",
    "Dormant",
    "Weekly",
    "Regional",
    "Premium",
    "Checkout",
    "Feedback",
    "Survey",
    "Archive",
    "Partner",
    "Webinar",
    "Invoice",
    "Upgrade",
    "Renewal",
    "Audience",
    "Product",
    "Launch",
    "Internal",
    "Support",
    "Billing",
    "Mobile",
    "Holiday",
    "Loyalty",
    "Referral",
    "Event",
    "Sandbox",
    "Draft",
];
const ACCENTED: [&str; 10] = [
    "café",
    "señal",
    "Zürich",
    "Łódź",
    "crème",
    "Ålesund",
    "naïve",
    "façade",
    "São",
    "Hauptstraße",
];
const CYRILLIC: [&str; 8] =
    ["отчёт", "проект", "жёлтый", "клиент", "север", "сегмент", "рассылка", "продажи"];
const CJK: [&str; 8] = ["東京", "顧客", "セグメント", "리스트", "营销", "北京", "配信", "고객"];
const EMOJI: [&str; 6] = ["🚀", "🎯", "✨", "📊", "🔥", "🌍"];
/// How many words there are that only some use.
const MADE_UP: u64 = 8_000;
/// Kind of number stream.
const WORD: u64 = 0x776f_7264;

/// A name.
pub(super) fn name(random: &mut Random) -> String {
    // The square of a share: the first words are several times as frequent as the last.
    let skewed = random.share() * random.share();
    let usual = super::zipf::part(USUAL.len() as u64, skewed);
    let mut name = USUAL[usize::try_from(usual).unwrap_or(0)].to_owned();
    for _ in 0..2 + random.below(2) {
        name.push(' ');
        push_word(&mut name, random);
    }
    if random.chance(0.4) {
        name.push_str(&format!(" {}", 1_000 + random.below(9_000)));
    }
    name
}

fn push_word(name: &mut String, random: &mut Random) {
    match random.below(1_000) {
        0..40 => name.push_str(random.pick(&ACCENTED)),
        40..55 => name.push_str(random.pick(&CYRILLIC)),
        55..70 => name.push_str(random.pick(&CJK)),
        70..85 => name.push_str(random.pick(&EMOJI)),
        _ => push_made_up(name, random.below(MADE_UP), random.chance(0.5)),
    }
}

/// A word of two or three syllables; the same for the same number.
fn push_made_up(name: &mut String, number: u64, capital: bool) {
    const ONSETS: [&str; 20] = [
        "b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "st", "tr", "br",
        "pl", "ch", "w",
    ];
    const VOWELS: [&str; 8] = ["a", "e", "i", "o", "u", "e", "a", "ei"];
    const CODAS: [&str; 8] = ["", "", "", "n", "r", "s", "l", "nd"];
    let mut random = Random::of(&[WORD, number]);
    let start = name.len();
    for _ in 0..3 + random.below(2) {
        name.push_str(random.pick(&ONSETS));
        name.push_str(random.pick(&VOWELS));
        name.push_str(random.pick(&CODAS));
    }
    if capital {
        name[start..=start].make_ascii_uppercase();
    }
}
