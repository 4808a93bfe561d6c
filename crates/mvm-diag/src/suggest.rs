//! "Did you mean": the nearest of some names.

/// Longest name that is compared; longer ones are nobody's typing error.
const LENGTH_MAX: usize = 64;
/// How many candidates of a fitting length are compared; a search among millions is not worth the wait.
const CANDIDATES_MAX: usize = 5_000;

/// The candidate nearest to `name`, if one is near enough to be a slip of the fingers. Of several equally near ones
/// the first is taken.
pub fn suggest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let name: Vec<char> = name.chars().take(LENGTH_MAX + 1).map(|c| c.to_ascii_lowercase()).collect();
    if name.is_empty() || name.len() > LENGTH_MAX {
        return None;
    }
    let limit = (name.len() / 3).clamp(1, 3);
    let mut best: Option<(usize, &str)> = None;
    // A character has 1 to 4 bytes.
    let lengths = name.len().saturating_sub(limit)..=(name.len() + limit) * 4;
    for candidate in candidates.into_iter().filter(|c| lengths.contains(&c.len())).take(CANDIDATES_MAX) {
        let bound = best.map_or(limit + 1, |(distance, _)| distance);
        if let Some(distance) = distance_below(&name, candidate, bound) {
            best = Some((distance, candidate));
        }
    }
    // Of one- and two-letter names everything is near: ask for more than a single common letter.
    best.filter(|&(distance, candidate)| distance < name.len().max(candidate.chars().count().min(LENGTH_MAX)))
        .map(|(_, candidate)| candidate)
}

/// Damerau-Levenshtein distance (insert, delete, replace, swap neighbours; ASCII case ignored) if it is below `bound`.
fn distance_below(name: &[char], candidate: &str, bound: usize) -> Option<usize> {
    let other: Vec<char> = candidate.chars().take(LENGTH_MAX + 1).map(|c| c.to_ascii_lowercase()).collect();
    if other.len() > LENGTH_MAX || other.len().abs_diff(name.len()) >= bound {
        return None;
    }
    let mut before: Vec<usize> = vec![0; other.len() + 1];
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for i in 1..=name.len() {
        let mut row = vec![i; other.len() + 1];
        for j in 1..=other.len() {
            let replace = above[j - 1] + usize::from(name[i - 1] != other[j - 1]);
            row[j] = replace.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && name[i - 1] == other[j - 2] && name[i - 2] == other[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    let distance = above[other.len()];
    (distance < bound).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips() {
        let names = ["add_i64", "sub_i64", "switch", "store_i32"];
        assert_eq!(suggest("ad_i64", names), Some("add_i64"));
        assert_eq!(suggest("swicth", names), Some("switch"));
        assert_eq!(suggest("SWITCH", names), Some("switch"));
        assert_eq!(suggest("store_i23", names), Some("store_i32"));
        assert_eq!(suggest("banana", names), None);
        assert_eq!(suggest("x", ["y"]), None);
        assert_eq!(suggest("", names), None);
    }

    #[test]
    fn long_names_are_not_compared() {
        let long = "a".repeat(100_000);
        assert_eq!(suggest(&long, [&*long]), None);
        assert_eq!(suggest("aaa", [&*long]), None);
    }
}
