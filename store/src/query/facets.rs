//! Facets from tallies: the greatest counts, with what their codes stand for.

use annals_schemas::{Kind, Outcome};

use super::facet_request::{Facet, FacetBy, FacetRequest, FacetTerm, FacetValue, Facets};
use super::filter::Filter;
use super::pin::{Pin, PinRequest};
use super::tally::{Tallies, Tally};
use super::workspace::WorkspaceReader;
use crate::StoreError;
use crate::catalog::CatalogView;

impl WorkspaceReader {
    /// Counts of the values of some dimensions. Facets whose dimension the filter does not name are
    /// counted in one walk.
    pub fn facets(&self, request: &FacetRequest<'_>) -> Result<Facets, StoreError> {
        let mut facets: Vec<Option<Facet>> = vec![None; request.by.len()];
        let mut snapshot = request.snapshot;
        let shared: Vec<FacetBy> = request
            .by
            .iter()
            .copied()
            .filter(|by| by.ignored(request.filter) == *request.filter)
            .collect();
        let own = request.by.iter().filter(|by| !shared.contains(by)).map(|by| vec![*by]);
        let walks = std::iter::once(shared.clone()).filter(|by| !by.is_empty()).chain(own);
        for by in walks {
            let filter = match by[..] {
                [by] => by.ignored(request.filter),
                _ => request.filter.clone(),
            };
            let (walked, at) = self.walk_facets(request, &by, &filter, snapshot)?;
            snapshot = Some(at);
            for facet in walked {
                for (slot, by) in facets.iter_mut().zip(request.by) {
                    if *by == facet.by {
                        *slot = Some(facet.clone());
                    }
                }
            }
        }
        let snapshot = snapshot.map_or_else(|| self.last_seq(), |seq| seq.min(self.last_seq()));
        Ok(Facets { facets: facets.into_iter().flatten().collect(), snapshot })
    }

    fn walk_facets(
        &self,
        request: &FacetRequest<'_>,
        by: &[FacetBy],
        filter: &Filter,
        snapshot: Option<u64>,
    ) -> Result<(Vec<Facet>, u64), StoreError> {
        let mut tallies = Tallies(by.iter().map(|by| Tally::new(*by)).collect());
        let (workspace, budget) = (self.id.as_str(), request.budget);
        let restriction = self.restriction();
        let request_of_pin = PinRequest { workspace, filter, restriction, snapshot, budget };
        let Some(mut pin) = self.visit(request_of_pin, &mut tallies)? else {
            let none = |by: &FacetBy| Facet { by: *by, values: Vec::new(), truncated: false };
            return Ok((by.iter().map(none).collect(), 0));
        };
        let facets = tallies.0.into_iter().map(|tally| self.facet(tally, request.limit, &mut pin));
        Ok((facets.collect::<Result<_, _>>()?, pin.snapshot()))
    }

    fn facet(&self, tally: Tally, limit: usize, pin: &mut Pin) -> Result<Facet, StoreError> {
        let by = tally.by;
        let counted = (0_u32..).zip(tally.counts).filter(|(_, count)| *count > 0);
        let mut counts: Vec<(u32, u64)> = counted.collect();
        let truncated = counts.len() > limit;
        counts.sort_unstable_by_key(|(code, count)| (std::cmp::Reverse(*count), *code));
        // Values as frequent as the last one compete with it by their texts.
        let least = limit.checked_sub(1).and_then(|last| counts.get(last)).map(|(_, count)| *count);
        counts.retain(|(_, count)| limit > 0 && least.is_none_or(|least| *count >= least));
        pin.work.step(counts.len() as u64)?;
        let mut values = self.name_values(by, &counts, pin)?;
        values.sort_by(|(_, a), (_, b)| {
            b.count.cmp(&a.count).then_with(|| a.value.order().cmp(&b.value.order()))
        });
        values.truncate(limit);
        if by == FacetBy::Actor {
            self.name_actors(&mut values)?;
        }
        let values = values.into_iter().map(|(_, value)| value).collect();
        Ok(Facet { by, values, truncated })
    }

    /// What codes stand for: from the sealed part of the catalog where that has them, the others
    /// under the lock.
    fn name_values(
        &self,
        by: FacetBy,
        counts: &[(u32, u64)],
        pin: &Pin,
    ) -> Result<Vec<(u32, FacetValue)>, StoreError> {
        let view = pin.sealed.catalog.view();
        let lengths = view.lengths();
        let sealed = match by {
            FacetBy::Actor => lengths.actors,
            FacetBy::ResourceType => lengths.types,
            FacetBy::Action => lengths.actions,
            FacetBy::Kind | FacetBy::Outcome => u32::MAX,
        };
        let value = |view: &CatalogView<'_>, (code, count): (u32, u64)| {
            Ok((code, FacetValue { value: term(by, code, view)?, count }))
        };
        let (old, new): (Vec<_>, Vec<_>) = counts.iter().partition(|(code, _)| *code < sealed);
        let mut values: Vec<_> =
            old.into_iter().map(|count| value(&view, count)).collect::<Result<_, StoreError>>()?;
        if !new.is_empty() {
            let named = self.store.with_live(self.id.as_str(), |now| {
                let named = new.into_iter().map(|count| value(&now.catalog, count));
                named.collect::<Result<Vec<_>, StoreError>>()
            });
            values.extend(named.unwrap_or_else(|| Ok(Vec::new()))?);
        }
        Ok(values)
    }

    /// Adds the names that actors have now.
    fn name_actors(&self, values: &mut [(u32, FacetValue)]) -> Result<(), StoreError> {
        let named = self.store.with_live(self.id.as_str(), |now| {
            for (code, value) in values {
                if let FacetTerm::Actor { name, .. } = &mut value.value {
                    *name = now.catalog.actor(*code)?.name.map(str::to_owned);
                }
            }
            Ok(())
        });
        named.unwrap_or(Ok(()))
    }
}

fn term(by: FacetBy, code: u32, view: &CatalogView<'_>) -> Result<FacetTerm, StoreError> {
    Ok(match by {
        FacetBy::Actor => {
            let actor = view.actor(code)?;
            FacetTerm::Actor { id: actor.id.map(str::to_owned), kind: actor.kind, name: None }
        }
        FacetBy::ResourceType => FacetTerm::ResourceType(view.type_text(code)?.to_owned()),
        FacetBy::Action => FacetTerm::Action(view.action(code)?.to_owned()),
        FacetBy::Kind => {
            FacetTerm::Kind(Kind::from_code(code).ok_or_else(|| unknown("kind", code))?)
        }
        FacetBy::Outcome => {
            FacetTerm::Outcome(Outcome::from_code(code).ok_or_else(|| unknown("outcome", code))?)
        }
    })
}

fn unknown(what: &str, code: u32) -> StoreError {
    StoreError::corrupt("column", 0, format!("{what} {code} does not exist"))
}
