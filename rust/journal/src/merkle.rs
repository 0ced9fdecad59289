//! Merkle tree hashes as RFC 6962 section 2.1 has them.

use sha2::{Digest, Sha256};

/// A hash of a leaf or of a tree.
pub(crate) type Hash = [u8; 32];

/// Hash of a leaf, fed piece by piece.
#[derive(Clone, Debug)]
pub(crate) struct Leaf(Sha256);

impl Leaf {
    pub(crate) fn new() -> Leaf {
        Leaf(Sha256::new_with_prefix([0]))
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> Hash {
        self.0.finalize().into()
    }
}

/// A tree that grows; it keeps the hashes of its full subtrees alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    size: u64,
    /// From the largest to the smallest; their sizes are the bits of `size`.
    full: Vec<Hash>,
}

impl Tree {
    /// How many leaves it has.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Puts a leaf behind the others.
    pub(crate) fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // As many full subtrees of one size meet as there are ones at the end of the binary size.
        for _ in 0..self.size.trailing_ones() {
            let left = self.full.pop().unwrap_or_default();
            hash = node(&left, &hash);
        }
        self.full.push(hash);
        self.size += 1;
    }

    /// The hash of the whole tree.
    pub(crate) fn root(&self) -> Hash {
        let mut subtrees = self.full.iter().rev();
        let Some(last) = subtrees.next() else {
            return Sha256::digest([]).into();
        };
        subtrees.fold(*last, |right, left| node(left, &right))
    }
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new_with_prefix([1]).chain_update(left).chain_update(right).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962, word by word.
    fn defined(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => *leaf,
            _ => {
                let half = leaves.len().next_power_of_two() / 2;
                node(&defined(&leaves[..half]), &defined(&leaves[half..]))
            }
        }
    }

    #[test]
    fn a_growing_tree_is_the_defined_one_at_every_size() {
        let leaves: Vec<Hash> = (0..70_u8).map(|byte| [byte; 32]).collect();
        let mut tree = Tree::default();
        for size in 0..=leaves.len() {
            assert_eq!(tree.root(), defined(&leaves[..size]), "{size} leaves");
            assert_eq!(tree.size(), size as u64);
            tree.push(*leaves.get(size).unwrap_or(&[0; 32]));
        }
    }

    #[test]
    fn hashes_are_those_of_certificate_transparency() {
        // Test data of google/certificate-transparency, merkle_tree_test: the empty tree and its first leaf.
        let hex = |hash: Hash| hash.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        let mut tree = Tree::default();
        assert_eq!(hex(tree.root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        tree.push(Leaf::new().finish());
        assert_eq!(hex(tree.root()), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        let mut leaf = Leaf::new();
        leaf.update(&[0]);
        tree.push(leaf.finish());
        assert_eq!(hex(tree.root()), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
    }
}
