//! Which held claims were released: 審査決定増減表 gives only their number and their units per insurer and service month.

/// How many sets of held claims fit a released count and units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fit {
    /// No set fits.
    None,
    /// Exactly one set fits: the positions of its members, ascending.
    One(Vec<usize>),
    /// More than one set fits.
    Several,
    /// The search was given up.
    TooMany,
}

/// More held claims of one insurer and service month at one office are never tried out.
const MAX_CLAIMS: usize = 256;
/// Steps after which the search gives up: some milliseconds.
const MAX_STEPS: u32 = 100_000;

/// Looks for the sets of exactly `count` members of `units` whose sum is `total`.
///
/// Two members with equal units are different members: where one of them fits, the other one does too.
pub(crate) fn fit(units: &[i64], count: i64, total: i64) -> Fit {
    let Ok(count) = usize::try_from(count) else { return Fit::None };
    if count == 0 || count > units.len() {
        return Fit::None;
    }
    let sum: i64 = units.iter().sum();
    // Those that stay determine those that leave, and are fewer to choose.
    let stay = count > units.len() / 2;
    let (choose, goal) = if stay { (units.len() - count, sum - total) } else { (count, total) };
    if choose > 1 && units.len() > MAX_CLAIMS {
        return Fit::TooMany;
    }

    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by_key(|index| units[*index]);
    let sorted: Vec<i64> = order.iter().map(|index| units[*index]).collect();
    let mut sums = vec![0; sorted.len() + 1];
    for (index, value) in sorted.iter().enumerate() {
        sums[index + 1] = sums[index] + value;
    }
    let mut search = Search {
        units: &sorted,
        sums: &sums,
        chosen: Vec::with_capacity(choose),
        found: None,
        several: false,
        steps: 0,
    };
    search.run(0, choose, goal);
    if search.several {
        return Fit::Several;
    }
    if search.steps >= MAX_STEPS {
        return Fit::TooMany;
    }
    let Some(found) = search.found else { return Fit::None };
    let mut members: Vec<usize> = if stay {
        (0..sorted.len()).filter(|position| !found.contains(position)).map(|position| order[position]).collect()
    } else {
        found.into_iter().map(|position| order[position]).collect()
    };
    members.sort_unstable();
    Fit::One(members)
}

struct Search<'a> {
    /// Ascending.
    units: &'a [i64],
    /// Sum of the first n units.
    sums: &'a [i64],
    chosen: Vec<usize>,
    found: Option<Vec<usize>>,
    several: bool,
    steps: u32,
}

impl Search<'_> {
    fn run(&mut self, from: usize, choose: usize, goal: i64) {
        self.steps += 1;
        if self.several || self.steps >= MAX_STEPS {
            return;
        }
        if choose == 0 {
            if goal == 0 {
                self.several = self.found.replace(self.chosen.clone()).is_some();
            }
            return;
        }
        let count = self.units.len();
        if from + choose > count {
            return;
        }
        let least = self.sums[from + choose] - self.sums[from];
        let most = self.sums[count] - self.sums[count - choose];
        if goal < least || goal > most {
            return;
        }
        if choose == 1 {
            // Sorted, so that the last choice needs no trying.
            let first = from + self.units[from..].partition_point(|value| *value < goal);
            let end = from + self.units[from..].partition_point(|value| *value <= goal);
            for position in (first..end).take(2) {
                self.chosen.push(position);
                self.several |= self.found.replace(self.chosen.clone()).is_some();
                self.chosen.pop();
            }
            return;
        }
        for position in from..=count - choose {
            self.chosen.push(position);
            self.run(position + 1, choose - 1, goal - self.units[position]);
            self.chosen.pop();
            if self.several || self.steps >= MAX_STEPS {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(units: &[i64], count: i64, total: i64, expected: &Fit) {
        assert_eq!(&fit(units, count, total), expected, "units {units:?}");
    }

    #[test]
    fn one_claim_with_these_units() {
        check(&[100, 200, 300], 1, 200, &Fit::One(vec![1]));
    }

    #[test]
    fn two_claims_with_equal_units_are_not_told_apart() {
        check(&[200, 200, 300], 1, 200, &Fit::Several);
        check(&[200, 200, 300], 2, 400, &Fit::One(vec![0, 1]));
        check(&[200, 200, 300], 2, 500, &Fit::Several);
    }

    #[test]
    fn all_of_them_when_the_sum_fits() {
        check(&[100, 200], 2, 300, &Fit::One(vec![0, 1]));
        check(&[100, 200], 2, 299, &Fit::None);
    }

    #[test]
    fn count_and_units_must_both_fit() {
        check(&[100, 200, 300], 2, 300, &Fit::One(vec![0, 1]));
        check(&[100, 200, 300], 3, 300, &Fit::None);
        check(&[100, 200, 300], 4, 600, &Fit::None);
        check(&[], 1, 0, &Fit::None);
        check(&[0], 0, 0, &Fit::None);
        check(&[5], -1, 5, &Fit::None);
    }

    #[test]
    fn gives_up_rather_than_explode() {
        // No half of even numbers reaches an odd sum, and pruning does not see it.
        let units: Vec<i64> = (0..200).map(|index| 2 * (index * index * 37 % 9973) + 2).collect();
        let odd = (units.iter().sum::<i64>() / 2) | 1;
        check(&units, 100, odd, &Fit::TooMany);
        check(&vec![7; 300], 2, 14, &Fit::TooMany);
        check(&vec![7; 300], 300, 2100, &Fit::One((0..300).collect()));
    }

    proptest! {
        #[test]
        fn agrees_with_trying_every_set(units in prop::collection::vec(0_i64..12, 0..10), count in 0_i64..11, total in 0_i64..60) {
            let sets: Vec<Vec<usize>> = (0_u32..1 << units.len())
                .map(|bits| (0..units.len()).filter(|index| (bits >> index) & 1 == 1).collect::<Vec<_>>())
                .filter(|set| !set.is_empty() && set.len() as i64 == count && set.iter().map(|index| units[*index]).sum::<i64>() == total)
                .collect();
            let expected = match sets.as_slice() {
                [] => Fit::None,
                [one] => Fit::One(one.clone()),
                _ => Fit::Several,
            };
            prop_assert_eq!(fit(&units, count, total), expected);
        }
    }
}
