//! What exists in the demo's workspace at a moment: sources, models, segments, and so on.

use annals_schemas::Resource;

use super::random::Random;

/// What tells segments apart once their names come round again.
const QUALIFIERS: [&str; 6] = [" DACH", " Nordics", " US", " APAC", " B2B", " test"];

/// A kind of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noun {
    Source,
    Model,
    Segment,
    Destination,
    Activation,
}

impl Noun {
    pub const ALL: [Self; 5] =
        [Self::Source, Self::Model, Self::Segment, Self::Destination, Self::Activation];

    /// The resource type, also the noun of its actions.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Model => "model",
            Self::Segment => "segment",
            Self::Destination => "destination",
            Self::Activation => "activation",
        }
    }

    fn id_prefix(self) -> &'static str {
        match self {
            Self::Source => "src",
            Self::Model => "mdl",
            Self::Segment => "seg",
            Self::Destination => "dst",
            Self::Activation => "act",
        }
    }

    /// Names that things of this kind bear, in the order in which they are made.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Source => &[
                "Snowflake production",
                "Stripe payments",
                "Shopify EU",
                "Zendesk tickets",
                "Postgres replica",
                "GA4 web events",
                "S3 data lake",
            ],
            Self::Model => &[
                "Customers",
                "Orders",
                "Lifetime value",
                "Product catalog",
                "Churn score",
                "Sessions",
                "Support tickets",
                "Consent state",
            ],
            Self::Segment => &[
                "VIP customers",
                "Churn risk",
                "New subscribers",
                "Cart abandoners",
                "Newsletter readers",
                "Dormant 90 days",
                "Black Friday buyers",
                "Trial users",
                "Loyalty gold",
                "東京リスト",
                "High intent",
                "Refund requested",
                "Enterprise leads",
                "Café & bakery",
                "Win-back Q4",
                "Data Pipeline testers",
            ],
            Self::Destination => &[
                "Salesforce",
                "Google Ads",
                "Meta Ads",
                "Braze",
                "HubSpot",
                "Slack alerts",
                "Klaviyo",
            ],
            // Named after what they connect.
            Self::Activation => &[],
        }
    }

    /// How many there are when the story begins to settle.
    fn initial(self) -> usize {
        match self {
            Self::Source => 5,
            Self::Model => 6,
            Self::Segment => 11,
            Self::Destination => 5,
            Self::Activation => 6,
        }
    }
}

/// One thing.
#[derive(Debug, Clone)]
pub(super) struct Thing {
    pub noun: Noun,
    pub id: String,
    pub name: String,
    /// Of an activation: the ids of its segment and its destination.
    connects: Vec<String>,
}

impl Thing {
    /// This thing as a resource of an event, under its name of now.
    pub fn resource(&self) -> Resource {
        Resource {
            resource_type: self.noun.as_str().to_owned(),
            id: self.id.clone(),
            name: Some(self.name.clone()),
        }
    }
}

/// All that exists, and how many of each kind have ever been.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    things: Vec<Thing>,
    made: [usize; Noun::ALL.len()],
    /// Ends the ids of things made from now on.
    run: String,
}

impl World {
    /// Gives the things made from now on ids that end in this.
    pub fn begin_run(&mut self, run: String) {
        self.run = run;
    }

    /// A kind of which the workspace still lacks some, while it is being set up.
    pub fn lacking(&self) -> Option<Noun> {
        Noun::ALL.into_iter().find(|&noun| self.made[noun as usize] < noun.initial())
    }

    /// How many of a kind exist.
    pub fn count(&self, noun: Noun) -> usize {
        self.things.iter().filter(|thing| thing.noun == noun).count()
    }

    /// Whether names for more of a kind are left, so that another one is believable.
    pub fn may_grow(&self, noun: Noun) -> bool {
        match noun {
            Noun::Activation => true,
            Noun::Segment => self.made[noun as usize] < noun.names().len() * (1 + QUALIFIERS.len()),
            _ => self.made[noun as usize] < noun.names().len(),
        }
    }

    /// Makes a thing.
    pub fn create(&mut self, noun: Noun, random: &mut Random) -> Thing {
        let connected = match noun {
            Noun::Activation => {
                [Noun::Segment, Noun::Destination].map(|n| self.any(n, random)).to_vec()
            }
            _ => Vec::new(),
        };
        let number = self.made[noun as usize];
        self.made[noun as usize] += 1;
        let names = noun.names();
        let name = match &connected[..] {
            [segment, destination] => format!("{} to {}", segment.name, destination.name),
            _ => match number / names.len() {
                0 => names[number].to_owned(),
                round => {
                    names[number % names.len()].to_owned()
                        + QUALIFIERS[(round - 1) % QUALIFIERS.len()]
                }
            },
        };
        let id = format!("{}_{}{}", noun.id_prefix(), number + 1, self.run);
        let connects = connected.into_iter().map(|thing| thing.id).collect();
        let thing = Thing { noun, id, name, connects };
        self.things.push(thing.clone());
        thing
    }

    /// An activation with what it connects, as far as that still exists.
    pub fn connection(&mut self, random: &mut Random) -> Vec<Thing> {
        let activation = self.any(Noun::Activation, random);
        let connected = |thing: &&Thing| activation.connects.contains(&thing.id);
        let mut connection: Vec<Thing> = self.things.iter().filter(connected).cloned().collect();
        // The activation first, then its segment (made before or after its destination).
        connection.sort_by_key(|thing| thing.noun != Noun::Segment);
        connection.insert(0, activation);
        connection
    }

    /// One of a kind; made if there is none.
    pub fn any(&mut self, noun: Noun, random: &mut Random) -> Thing {
        let of_kind: Vec<&Thing> = self.things.iter().filter(|thing| thing.noun == noun).collect();
        if of_kind.is_empty() {
            self.create(noun, random)
        } else {
            (*random.pick(&of_kind)).clone()
        }
    }

    /// Gives a thing another name.
    pub fn rename(&mut self, id: &str, name: &str) {
        if let Some(thing) = self.things.iter_mut().find(|thing| thing.id == id) {
            name.clone_into(&mut thing.name);
        }
    }

    /// Takes a thing away.
    pub fn remove(&mut self, id: &str) {
        self.things.retain(|thing| thing.id != id);
    }
}
