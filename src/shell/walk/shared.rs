//! A sorted map of which a copy costs nothing, and of which two copies are merged by
//! looking only at what differs.
//!
//! A walk has a state of its own for every branch, and most of what those know is the
//! same. So copies share their nodes: a change makes new ones on the way to its place
//! alone, and where two copies have the same node, everything below it is the same. The
//! tree is balanced by weight and put together by joining ("Just Join for Parallel
//! Ordered Sets", Blelloch, Ferizovic, Sun), so nothing that a text holds makes it deep.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::rc::Rc;

type Link<K, V> = Option<Rc<Node<K, V>>>;
/// A key with its value.
pub(super) type Entry<K, V> = Rc<(K, V)>;

/// Which of two maps has a key.
#[derive(Debug)]
pub(super) enum Has<'m, K, V> {
    /// The one that is merged into.
    Own(&'m Entry<K, V>),
    /// The other.
    Other(&'m Entry<K, V>),
    /// Both, each with an entry of its own.
    Both(&'m Entry<K, V>, &'m Entry<K, V>),
}

/// What becomes of a key that is not the same in both.
type Settle<'f, K, V> = dyn FnMut(Has<'_, K, V>) -> Entry<K, V> + 'f;

/// What stands before a key, at it, and behind it.
type Parts<K, V> = (Link<K, V>, Option<Entry<K, V>>, Link<K, V>);

/// How light a side may be, in hundredths of both.
const LIGHTEST: usize = 29;

#[derive(Debug)]
struct Node<K, V> {
    entry: Entry<K, V>,
    left: Link<K, V>,
    right: Link<K, V>,
    size: usize,
}

impl<K, V> Clone for Node<K, V> {
    fn clone(&self) -> Self {
        Self {
            entry: Rc::clone(&self.entry),
            left: self.left.clone(),
            right: self.right.clone(),
            size: self.size,
        }
    }
}

/// A sorted map that shares its nodes with its copies.
#[derive(Debug)]
pub(super) struct Shared<K, V> {
    root: Link<K, V>,
}

impl<K, V> Clone for Shared<K, V> {
    fn clone(&self) -> Self {
        Self { root: self.root.clone() }
    }
}

impl<K: Ord + Clone, V: Clone> Shared<K, V> {
    pub(super) const fn new() -> Self {
        Self { root: None }
    }

    pub(super) fn len(&self) -> usize {
        size(&self.root)
    }

    pub(super) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let mut link = &self.root;
        while let Some(node) = link {
            link = match key.cmp(node.entry.0.borrow()) {
                Ordering::Less => &node.left,
                Ordering::Equal => return Some(&node.entry.1),
                Ordering::Greater => &node.right,
            };
        }
        None
    }

    pub(super) fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.get(key).is_some()
    }

    /// A value to change: in this copy alone.
    pub(super) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        if !self.contains_key(key) {
            return None;
        }
        let mut link = &mut self.root;
        loop {
            let node = Rc::make_mut(link.as_mut()?);
            link = match key.cmp(node.entry.0.borrow()) {
                Ordering::Less => &mut node.left,
                Ordering::Equal => return Some(&mut Rc::make_mut(&mut node.entry).1),
                Ordering::Greater => &mut node.right,
            };
        }
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        let entry = Rc::new((key, value));
        self.root = Some(inserted(&self.root, entry));
    }

    pub(super) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        if self.contains_key(key) {
            let (left, _, right) = split(&self.root, key);
            self.root = join_two(&left, right);
        }
    }

    pub(super) fn clear(&mut self) {
        self.root = None;
    }

    /// Every entry, by its key.
    pub(super) fn iter(&self) -> Iter<'_, K, V> {
        let mut iter = Iter { above: Vec::new() };
        iter.descend(&self.root);
        iter
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// Takes in what `other` has: `settle` says what becomes of a key that is not the
    /// same in both. Gives how many entries were looked at.
    pub(super) fn merge(&mut self, other: &Self, settle: &mut Settle<'_, K, V>) -> usize {
        let mut looked_at = 0;
        self.root = merged(&self.root, &other.root, &mut |has| {
            looked_at += 1;
            settle(has)
        });
        looked_at
    }

    /// Takes in what `other` has, which counts where both have a key.
    pub(super) fn extend(&mut self, other: &Self) -> usize {
        self.merge(other, &mut |has| match has {
            Has::Own(entry) | Has::Other(entry) | Has::Both(_, entry) => Rc::clone(entry),
        })
    }
}

/// The entries of a map, by their keys.
pub(super) struct Iter<'m, K, V> {
    above: Vec<&'m Node<K, V>>,
}

impl<'m, K, V> Iter<'m, K, V> {
    fn descend(&mut self, link: &'m Link<K, V>) {
        let mut link = link;
        while let Some(node) = link {
            self.above.push(node);
            link = &node.left;
        }
    }
}

impl<'m, K, V> Iterator for Iter<'m, K, V> {
    type Item = (&'m K, &'m V);

    fn next(&mut self) -> Option<Self::Item> {
        let node = self.above.pop()?;
        self.descend(&node.right);
        Some((&node.entry.0, &node.entry.1))
    }
}

fn size<K, V>(link: &Link<K, V>) -> usize {
    link.as_ref().map_or(0, |node| node.size)
}

/// A side's weight, which is never nothing.
fn weight<K, V>(link: &Link<K, V>) -> usize {
    size(link) + 1
}

fn is_balanced(left: usize, right: usize) -> bool {
    let least = LIGHTEST * (left + right);
    100 * left >= least && 100 * right >= least
}

fn is_same<K, V>(one: &Link<K, V>, other: &Link<K, V>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Rc::ptr_eq(one, other),
        (None, None) => true,
        _ => false,
    }
}

fn node<K, V>(left: Link<K, V>, entry: Entry<K, V>, right: Link<K, V>) -> Rc<Node<K, V>> {
    let size = size(&left) + size(&right) + 1;
    Rc::new(Node { entry, left, right, size })
}

/// A tree of what stands before `entry`, of it, and of what stands behind.
fn join<K, V>(left: Link<K, V>, entry: Entry<K, V>, right: Link<K, V>) -> Rc<Node<K, V>> {
    match (&left, &right) {
        _ if is_balanced(weight(&left), weight(&right)) => node(left, entry, right),
        (Some(top), _) if weight(&left) > weight(&right) => {
            let below = join(top.right.clone(), entry, right);
            leaning_right(top.left.clone(), Rc::clone(&top.entry), below)
        }
        (_, Some(top)) => {
            let below = join(left, entry, top.left.clone());
            leaning_left(below, Rc::clone(&top.entry), top.right.clone())
        }
        _ => node(left, entry, right),
    }
}

/// A node of which the right side may be too heavy by what was joined to it.
fn leaning_right<K, V>(left: Link<K, V>, entry: Entry<K, V>, right: Rc<Node<K, V>>) -> Rc<Node<K, V>> {
    if is_balanced(weight(&left), right.size + 1) {
        return node(left, entry, Some(right));
    }
    let (near, far) = (weight(&right.left), weight(&right.right));
    let once = is_balanced(weight(&left), near) && is_balanced(weight(&left) + near, far);
    match &right.left {
        Some(middle) if !once => {
            let first = node(left, entry, middle.left.clone());
            let second = node(middle.right.clone(), Rc::clone(&right.entry), right.right.clone());
            node(Some(first), Rc::clone(&middle.entry), Some(second))
        }
        near => {
            let first = node(left, entry, near.clone());
            node(Some(first), Rc::clone(&right.entry), right.right.clone())
        }
    }
}

/// The same of the left side.
fn leaning_left<K, V>(left: Rc<Node<K, V>>, entry: Entry<K, V>, right: Link<K, V>) -> Rc<Node<K, V>> {
    if is_balanced(left.size + 1, weight(&right)) {
        return node(Some(left), entry, right);
    }
    let (far, near) = (weight(&left.left), weight(&left.right));
    let once = is_balanced(near, weight(&right)) && is_balanced(far, near + weight(&right));
    match &left.right {
        Some(middle) if !once => {
            let first = node(left.left.clone(), Rc::clone(&left.entry), middle.left.clone());
            let second = node(middle.right.clone(), entry, right);
            node(Some(first), Rc::clone(&middle.entry), Some(second))
        }
        near => {
            let second = node(near.clone(), entry, right);
            node(left.left.clone(), Rc::clone(&left.entry), Some(second))
        }
    }
}

fn inserted<K: Ord, V>(link: &Link<K, V>, entry: Entry<K, V>) -> Rc<Node<K, V>> {
    let Some(top) = link else { return node(None, entry, None) };
    match entry.0.cmp(&top.entry.0) {
        Ordering::Less => {
            let below = inserted(&top.left, entry);
            join(Some(below), Rc::clone(&top.entry), top.right.clone())
        }
        Ordering::Equal => node(top.left.clone(), entry, top.right.clone()),
        Ordering::Greater => {
            let below = inserted(&top.right, entry);
            join(top.left.clone(), Rc::clone(&top.entry), Some(below))
        }
    }
}

/// What stands before `key`, at it, and behind it.
fn split<K: Borrow<Q>, V, Q: Ord + ?Sized>(link: &Link<K, V>, key: &Q) -> Parts<K, V> {
    let Some(top) = link else { return (None, None, None) };
    match key.cmp(top.entry.0.borrow()) {
        Ordering::Less => {
            let (left, at, right) = split(&top.left, key);
            (left, at, Some(join(right, Rc::clone(&top.entry), top.right.clone())))
        }
        Ordering::Equal => (top.left.clone(), Some(Rc::clone(&top.entry)), top.right.clone()),
        Ordering::Greater => {
            let (left, at, right) = split(&top.right, key);
            (Some(join(top.left.clone(), Rc::clone(&top.entry), left)), at, right)
        }
    }
}

fn join_two<K, V>(left: &Link<K, V>, right: Link<K, V>) -> Link<K, V> {
    let Some(top) = left else { return right };
    let (rest, last) = without_last(top);
    Some(join(rest, last, right))
}

fn without_last<K, V>(top: &Rc<Node<K, V>>) -> (Link<K, V>, Entry<K, V>) {
    let Some(right) = &top.right else { return (top.left.clone(), Rc::clone(&top.entry)) };
    let (rest, last) = without_last(right);
    (Some(join(top.left.clone(), Rc::clone(&top.entry), rest)), last)
}

fn merged<K: Ord, V>(own: &Link<K, V>, other: &Link<K, V>, settle: &mut Settle<'_, K, V>) -> Link<K, V> {
    let top = match (own, other) {
        (None, None) => return None,
        (Some(one), Some(another)) if Rc::ptr_eq(one, another) => return own.clone(),
        (None, Some(top)) => {
            let entry = settle(Has::Other(&top.entry));
            let (left, right) = (merged(&None, &top.left, settle), merged(&None, &top.right, settle));
            return Some(put(top, left, entry, right));
        }
        (Some(top), _) => top,
    };
    let key = &top.entry.0;
    let (left, at, right) = match other {
        // Mostly the trees have the same shape.
        Some(node) if node.entry.0 == *key => {
            (node.left.clone(), Some(Rc::clone(&node.entry)), node.right.clone())
        }
        other => split(other, key),
    };
    let left = merged(&top.left, &left, settle);
    let entry = match at {
        Some(same) if Rc::ptr_eq(&same, &top.entry) => same,
        Some(another) => settle(Has::Both(&top.entry, &another)),
        None => settle(Has::Own(&top.entry)),
    };
    let right = merged(&top.right, &right, settle);
    Some(put(top, left, entry, right))
}

/// The node itself where it stays as it is.
fn put<K, V>(
    top: &Rc<Node<K, V>>,
    left: Link<K, V>,
    entry: Entry<K, V>,
    right: Link<K, V>,
) -> Rc<Node<K, V>> {
    let stays = is_same(&top.left, &left) && is_same(&top.right, &right) && Rc::ptr_eq(&top.entry, &entry);
    if stays { Rc::clone(top) } else { join(left, entry, right) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn depth(link: &Link<u32, u32>) -> u32 {
        link.as_ref().map_or(0, |node| {
            assert_eq!(node.size, size(&node.left) + size(&node.right) + 1);
            assert!(is_balanced(weight(&node.left), weight(&node.right)), "{node:?}");
            1 + depth(&node.left).max(depth(&node.right))
        })
    }

    fn is_like(map: &Shared<u32, u32>, model: &BTreeMap<u32, u32>) {
        assert_eq!(
            map.iter().map(|(key, value)| (*key, *value)).collect::<Vec<_>>(),
            model.clone().into_iter().collect::<Vec<_>>()
        );
        assert_eq!(map.len(), model.len());
        depth(&map.root);
    }

    /// Numbers that look random and are the same every time.
    fn numbers() -> impl FnMut(u32) -> u32 {
        let mut state = 7_u64;
        move |below| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            u32::try_from((state >> 33) % u64::from(below)).unwrap()
        }
    }

    fn change(map: &mut Shared<u32, u32>, model: &mut BTreeMap<u32, u32>, key: u32, value: u32) {
        match value % 4 {
            0 => {
                map.remove(&key);
                model.remove(&key);
            }
            1 => {
                if let Some(one) = map.get_mut(&key) {
                    *one = value;
                }
                if let Some(one) = model.get_mut(&key) {
                    *one = value;
                }
            }
            _ => {
                map.insert(key, value);
                model.insert(key, value);
            }
        }
    }

    #[test]
    fn it_is_a_sorted_map_and_a_copy_does_not_change_with_it() {
        let mut number = numbers();
        let (mut map, mut model) = (Shared::new(), BTreeMap::new());
        for turn in 0..4_000 {
            let copies = (map.clone(), model.clone());
            let (key, value) = (number(300), number(1_000));
            change(&mut map, &mut model, key, value);
            assert_eq!(map.get(&key), model.get(&key));
            if turn % 50 == 0 {
                is_like(&map, &model);
                is_like(&copies.0, &copies.1);
            }
        }
    }

    #[test]
    fn it_stays_flat_whatever_the_order() {
        let mut map = Shared::new();
        for key in 0..4_096 {
            map.insert(key, key);
        }
        assert!(depth(&map.root) <= 24);
        for key in (1..4_096).rev() {
            map.remove(&key);
        }
        assert_eq!(map.iter().collect::<Vec<_>>(), [(&0, &0)]);
    }

    #[test]
    fn copies_are_merged_by_what_differs() {
        let mut number = numbers();
        for changes in [0, 1, 5, 40, 400] {
            let (mut map, mut model) = (Shared::new(), BTreeMap::new());
            for _ in 0..500 {
                let (key, value) = (number(1_000), number(1_000));
                map.insert(key, value);
                model.insert(key, value);
            }
            let (mut other, mut others) = (map.clone(), model.clone());
            for _ in 0..changes {
                change(&mut map, &mut model, number(1_000), number(1_000));
                change(&mut other, &mut others, number(1_000), number(1_000));
            }
            let mut extended = map.clone();
            let looked_at = extended.extend(&other);
            assert!(looked_at <= 2 * changes, "{looked_at} of {changes}");
            let all: BTreeMap<u32, u32> = model.clone().into_iter().chain(others.clone()).collect();
            is_like(&extended, &all);
            map.merge(&other, &mut |has| match has {
                Has::Own(one) | Has::Other(one) => Rc::new((one.0, 5_000)),
                Has::Both(one, another) => Rc::new((one.0, one.1.max(another.1))),
            });
            let all: BTreeMap<u32, u32> = all
                .into_keys()
                .map(|key| {
                    let value = match (model.get(&key), others.get(&key)) {
                        (Some(one), Some(another)) => *one.max(another),
                        _ => 5_000,
                    };
                    (key, value)
                })
                .collect();
            is_like(&map, &all);
        }
    }
}
