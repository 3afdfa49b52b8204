//! The names behind the placeholders of expressions.

use hashbrown::HashMap;
use smallvec::SmallVec;

use crate::text::Text;

/// So many are compared sooner than one of them is hashed.
const FEW: usize = 8;

/// Names, each once, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Names {
    all: SmallVec<[Text; 4]>,
    /// Where each of them is, once there are more than a few.
    positions: HashMap<Text, u32>,
}

impl Names {
    pub(super) fn all(&self) -> &[Text] {
        &self.all
    }

    /// Where the name is; one that is new goes to the end.
    pub(super) fn position(&mut self, name: &Text) -> u32 {
        let known = match self.all.len() {
            ..=FEW => self.all.iter().position(|known| known == name).map(|at| at as u32),
            _ => self.positions.get(name).copied(),
        };
        known.unwrap_or_else(|| self.add(name.clone()))
    }

    fn add(&mut self, name: Text) -> u32 {
        let at = self.all.len() as u32;
        self.all.push(name);
        if self.all.len() > FEW {
            let placed = self.positions.len();
            self.positions.extend(self.all[placed..].iter().cloned().zip(placed as u32..));
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_position_however_many_there_are() {
        let mut names = Names::default();
        let name = |at: u32| Text::from(at.to_string().as_str());
        for count in 1..=3 * FEW as u32 {
            let positions: Vec<u32> = (0..count).map(|at| names.position(&name(at))).collect();
            assert_eq!(positions, (0..count).collect::<Vec<_>>());
            assert_eq!(names.all().len(), count as usize);
        }
    }
}
