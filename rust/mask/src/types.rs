//! OIDs of the built-in types, as `pg_type.dat` assigns them; they never change between versions.

pub(crate) const BOOL: u32 = 16;
pub(crate) const BYTEA: u32 = 17;
/// The one-byte type `"char"`, not `char(n)`.
pub(crate) const CHAR: u32 = 18;
pub(crate) const NAME: u32 = 19;
pub(crate) const INT8: u32 = 20;
pub(crate) const INT2: u32 = 21;
pub(crate) const INT4: u32 = 23;
pub(crate) const TEXT: u32 = 25;
pub(crate) const OID: u32 = 26;
pub(crate) const JSON: u32 = 114;
pub(crate) const XML: u32 = 142;
pub(crate) const CIDR: u32 = 650;
pub(crate) const FLOAT4: u32 = 700;
pub(crate) const FLOAT8: u32 = 701;
/// What an untyped literal has in a result column; sent as text in both formats.
pub(crate) const UNKNOWN: u32 = 705;
pub(crate) const MACADDR8: u32 = 774;
pub(crate) const MONEY: u32 = 790;
pub(crate) const MACADDR: u32 = 829;
pub(crate) const INET: u32 = 869;
pub(crate) const BPCHAR: u32 = 1042;
pub(crate) const VARCHAR: u32 = 1043;
pub(crate) const DATE: u32 = 1082;
pub(crate) const TIME: u32 = 1083;
pub(crate) const TIMESTAMP: u32 = 1114;
pub(crate) const TIMESTAMPTZ: u32 = 1184;
pub(crate) const INTERVAL: u32 = 1186;
pub(crate) const TIMETZ: u32 = 1266;
pub(crate) const BIT: u32 = 1560;
pub(crate) const VARBIT: u32 = 1562;
pub(crate) const NUMERIC: u32 = 1700;
pub(crate) const UUID: u32 = 2950;
pub(crate) const JSONB: u32 = 3802;
pub(crate) const RECORD: u32 = 2249;
pub(crate) const RECORD_ARRAY: u32 = 2287;

/// The type of an array's elements; `None` for a type that is no array, or one of no type above.
pub(crate) const fn element(array: u32) -> Option<u32> {
    Some(match array {
        1000 => BOOL,
        1001 => BYTEA,
        1002 => CHAR,
        1003 => NAME,
        1005 => INT2,
        1007 => INT4,
        1009 => TEXT,
        1014 => BPCHAR,
        1015 => VARCHAR,
        1016 => INT8,
        1021 => FLOAT4,
        1022 => FLOAT8,
        1028 => OID,
        1040 => MACADDR,
        775 => MACADDR8,
        1041 => INET,
        651 => CIDR,
        1115 => TIMESTAMP,
        1182 => DATE,
        1183 => TIME,
        1185 => TIMESTAMPTZ,
        1187 => INTERVAL,
        1231 => NUMERIC,
        1270 => TIMETZ,
        1561 => BIT,
        1563 => VARBIT,
        199 => JSON,
        3807 => JSONB,
        143 => XML,
        791 => MONEY,
        2951 => UUID,
        // Ranges, whose OIDs are one less.
        3905 | 3907 | 3909 | 3911 | 3913 | 3927 => array - 1,
        RECORD_ARRAY => RECORD,
        _ => return None,
    })
}

/// The type of a range's bounds; `None` for a type that is no built-in range.
pub(crate) const fn bound(range: u32) -> Option<u32> {
    Some(match range {
        3904 => INT4,
        3906 => NUMERIC,
        3908 => TIMESTAMP,
        3910 => TIMESTAMPTZ,
        3912 => DATE,
        3926 => INT8,
        _ => return None,
    })
}

/// Whether a type is a built-in multirange.
pub(crate) const fn is_multirange(oid: u32) -> bool {
    matches!(oid, 4451 | 4532..=4536)
}
