// The texts of errors that are the client's mistake, as Redis users know them.
#pragma once

#include <string_view>

namespace tidemark::commands::errors {

inline constexpr std::string_view kSyntax = "ERR syntax error";
inline constexpr std::string_view kWrongType = "WRONGTYPE Operation against a key holding the wrong kind of value";
inline constexpr std::string_view kNotInteger = "ERR value is not an integer or out of range";
inline constexpr std::string_view kNotFloat = "ERR value is not a valid float";
inline constexpr std::string_view kNoSuchKey = "ERR no such key";
inline constexpr std::string_view kOutOfRange = "ERR index out of range";
inline constexpr std::string_view kOverflow = "ERR increment or decrement would overflow";
inline constexpr std::string_view kNanOrInfinity = "ERR increment would produce NaN or Infinity";
inline constexpr std::string_view kStringTooLong = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
inline constexpr std::string_view kDbIndexOutOfRange = "ERR DB index is out of range";
inline constexpr std::string_view kSameObject = "ERR source and destination objects are the same";
inline constexpr std::string_view kOutOfMemory = "OOM command not allowed when used memory > 'maxmemory'.";
inline constexpr std::string_view kNotInTransaction = "ERR Command not allowed inside a transaction";
inline constexpr std::string_view kLoading = "LOADING Redis is loading the dataset in memory";
inline constexpr std::string_view kSnapshotsFail =
    "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that "
    "may "
    "modify the data set are disabled, because this instance is configured to report errors during writes if RDB "
    "snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB "
    "error.";
inline constexpr std::string_view kNoAuth = "NOAUTH Authentication required.";
inline constexpr std::string_view kNoPassword =
    "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration "
    "is correct?";
inline constexpr std::string_view kWrongPass = "WRONGPASS invalid username-password pair or user is disabled.";
inline constexpr std::string_view kNoProto = "NOPROTO unsupported protocol version";

// Strings.
inline constexpr std::string_view kDecrementOverflow = "ERR decrement would overflow";
inline constexpr std::string_view kOffsetOutOfRange = "ERR offset is out of range";
inline constexpr std::string_view kLcsNotStrings = "ERR The specified keys must contain string values";
inline constexpr std::string_view kLcsAmbiguous = "ERR If you want both the length and indexes, please just use IDX.";
inline constexpr std::string_view kLcsTooLong = "ERR String too long for LCS";
inline constexpr std::string_view kLcsMemory =
    "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len";
inline constexpr std::string_view kNotDigest = "ERR must be exactly 16 hexadecimal characters";
inline constexpr std::string_view kDelexCondition = "ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE";
inline constexpr std::string_view kDelexType = "ERR Key should be of string type if conditions are specified";
inline constexpr std::string_view kMSetExNumKeys = "ERR invalid numkeys value";
inline constexpr std::string_view kMSetExPairs = "ERR wrong number of key-value pairs";
inline constexpr std::string_view kEnxWithoutExpiry = "ERR ENX flag requires an expiration";
inline constexpr std::string_view kBoundsCrossed = "ERR LBOUND can't be greater than UBOUND";
inline constexpr std::string_view kIncrementInfinite = "ERR BYFLOAT increment cannot be Infinity";
inline constexpr std::string_view kValueInfinite = "ERR value cannot be Infinity";
inline constexpr std::string_view kAppliedOverflow = "ERR applied increment would overflow";
inline constexpr std::string_view kAppliedInfinite = "ERR applied increment would be Infinity";

// Sorted sets.
inline constexpr std::string_view kMinMaxNotFloat = "ERR min or max is not a float";
inline constexpr std::string_view kMinMaxNotLex = "ERR min or max not valid string range item";
inline constexpr std::string_view kZaddNxXx = "ERR XX and NX options at the same time are not compatible";
inline constexpr std::string_view kZaddGtLtNx = "ERR GT, LT, and/or NX options at the same time are not compatible";
inline constexpr std::string_view kZaddIncrPairs = "ERR INCR option supports a single increment-element pair";
inline constexpr std::string_view kScoreNan = "ERR resulting score is not a number (NaN)";
inline constexpr std::string_view kZrangeLimit =
    "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX";
inline constexpr std::string_view kZrangeLexScores =
    "ERR syntax error, WITHSCORES not supported in combination with BYLEX";
inline constexpr std::string_view kWeightNotFloat = "ERR weight value is not a float";
inline constexpr std::string_view kLimitNegative = "ERR LIMIT can't be negative";
inline constexpr std::string_view kNumKeysNotPositive = "ERR numkeys should be greater than 0";
inline constexpr std::string_view kCountNotPositive = "ERR count should be greater than 0";
inline constexpr std::string_view kNotPositive = "ERR value is out of range, must be positive";
inline constexpr std::string_view kValueOutOfRange = "ERR value is out of range";
inline constexpr std::string_view kLongNotInRange =
    "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807";

// Bitmaps.
inline constexpr std::string_view kBitOffset = "ERR bit offset is not an integer or out of range";
inline constexpr std::string_view kBitNotInteger = "ERR bit is not an integer or out of range";
inline constexpr std::string_view kBitNotOneOrZero = "ERR The bit argument must be 1 or 0.";
inline constexpr std::string_view kBitOpNotOneSource = "ERR BITOP NOT must be called with a single source key.";
inline constexpr std::string_view kBitFieldType =
    "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.";
inline constexpr std::string_view kBitFieldOverflow = "ERR Invalid OVERFLOW type specified";
inline constexpr std::string_view kBitFieldReadOnly = "ERR BITFIELD_RO only supports the GET subcommand";

// HyperLogLogs.
inline constexpr std::string_view kNotHyperLogLog = "WRONGTYPE Key is not a valid HyperLogLog string value.";
inline constexpr std::string_view kCorruptedHyperLogLog = "INVALIDOBJ Corrupted HLL object detected";
inline constexpr std::string_view kPfDebugNoKey = "ERR The specified key does not exist";
inline constexpr std::string_view kPfDebugNotSparse = "ERR HLL encoding is not sparse";
// Hashes.
inline constexpr std::string_view kHashNotInteger = "ERR hash value is not an integer";
inline constexpr std::string_view kHashNotFloat = "ERR hash value is not a float";
inline constexpr std::string_view kValueNanOrInfinity = "ERR value is NaN or Infinity";
inline constexpr std::string_view kFieldsMissing =
    "ERR Mandatory argument FIELDS is missing or not at the right position";
inline constexpr std::string_view kNumFieldsNotPositive = "ERR Number of fields must be a positive integer";
inline constexpr std::string_view kNumFieldsTooSmall = "ERR Parameter `numFields` should be greater than 0";
inline constexpr std::string_view kNumFieldsMismatch =
    "ERR The `numfields` parameter must match the number of arguments";
inline constexpr std::string_view kNegativeExpireTime = "ERR invalid expire time, must be >= 0";
inline constexpr std::string_view kInvalidFieldCount = "ERR invalid number of fields";
inline constexpr std::string_view kMissingExpireTime = "ERR missing expire time";
inline constexpr std::string_view kOneGetExpiry =
    "ERR Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified";
inline constexpr std::string_view kOneSetExpiry =
    "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified";
inline constexpr std::string_view kOneFieldCondition = "ERR Only one of FXX or FNX arguments can be specified";
inline constexpr std::string_view kDuplicateField = "ERR duplicate field name in fieldset";
inline constexpr std::string_view kNoFieldset = "ERR no such fieldset";
inline constexpr std::string_view kFieldsetValues = "ERR value count does not match fieldset field count";
inline constexpr std::string_view kOneKeyCondition = "ERR Only one of NX or XX arguments can be specified";

// Places.
inline constexpr std::string_view kGeoUnit = "ERR unsupported unit provided. please use M, KM, FT, MI";
inline constexpr std::string_view kGeoNoMember = "ERR could not decode requested zset member";
inline constexpr std::string_view kGeoRadius = "ERR need numeric radius";
inline constexpr std::string_view kGeoRadiusNegative = "ERR radius cannot be negative";
inline constexpr std::string_view kGeoWidth = "ERR need numeric width";
inline constexpr std::string_view kGeoHeight = "ERR need numeric height";
inline constexpr std::string_view kGeoBoxNegative = "ERR height or width cannot be negative";
inline constexpr std::string_view kGeoVertexCount = "ERR invalid number of vertices";
inline constexpr std::string_view kGeoFewVertices = "ERR GEOSEARCH BYPOLYGON must have at least 3 vertices";
inline constexpr std::string_view kGeoCount = "ERR COUNT must be > 0";
inline constexpr std::string_view kGeoAnyWithoutCount = "ERR the ANY argument requires COUNT argument";
inline constexpr std::string_view kGeoStoreWith =
    "ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options";
inline constexpr std::string_view kGeoSearchStoreWith =
    "ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options";

// Generic keys.
inline constexpr std::string_view kIntNotInRange =
    "ERR value is out of range, value must between -2147483648 and 2147483647";
inline constexpr std::string_view kInvalidFirstDb = "ERR invalid first DB index";
inline constexpr std::string_view kInvalidSecondDb = "ERR invalid second DB index";
inline constexpr std::string_view kInvalidCursor = "ERR invalid cursor";
inline constexpr std::string_view kNoValuesOfHashOnly = "ERR NOVALUES option can only be used in HSCAN";
inline constexpr std::string_view kExpireNxConflict =
    "ERR NX and XX, GT or LT options at the same time are not compatible";
inline constexpr std::string_view kExpireGtLtConflict = "ERR GT and LT options at the same time are not compatible";
inline constexpr std::string_view kNotLfu =
    "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching "
    "between "
    "policies at runtime LRU and LFU data will take some time to adjust.";
inline constexpr std::string_view kNotLru =
    "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies "
    "at "
    "runtime LRU and LFU data will take some time to adjust.";

inline constexpr std::string_view kBusyKey = "BUSYKEY Target key name already exists.";
inline constexpr std::string_view kInvalidTtl = "ERR Invalid TTL value, must be >= 0";
inline constexpr std::string_view kInvalidIdleTime = "ERR Invalid IDLETIME value, must be >= 0";
inline constexpr std::string_view kInvalidFrequency = "ERR Invalid FREQ value, must be >= 0 and <= 255";
inline constexpr std::string_view kBadDumpPayload = "ERR DUMP payload version or checksum are wrong";
inline constexpr std::string_view kBadDataFormat = "ERR Bad data format";

// Transactions and waiting.
inline constexpr std::string_view kNestedMulti = "ERR MULTI calls can not be nested";
inline constexpr std::string_view kExecWithoutMulti = "ERR EXEC without MULTI";
inline constexpr std::string_view kDiscardWithoutMulti = "ERR DISCARD without MULTI";
inline constexpr std::string_view kWatchInMulti = "ERR WATCH inside MULTI is not allowed";
inline constexpr std::string_view kExecAbort = "EXECABORT Transaction discarded because of previous errors.";
inline constexpr std::string_view kUnblocked = "UNBLOCKED client unblocked via CLIENT UNBLOCK";

// Sets.
inline constexpr std::string_view kTooManyKeys = "ERR Number of keys can't be greater than number of args";

// Lists.
inline constexpr std::string_view kCountNegative = "ERR COUNT can't be negative";
inline constexpr std::string_view kMaxLenNegative = "ERR MAXLEN can't be negative";
inline constexpr std::string_view kRankZero =
    "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from "
    "the end of the list";

// SORT.
inline constexpr std::string_view kSortNotNumbers = "ERR One or more scores can't be converted into double";

// Connections.
inline constexpr std::string_view kHelloNoAuth =
    "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option "
    "can be used to authenticate the client and select the RESP protocol version at the same time";
inline constexpr std::string_view kProtocolNotInteger = "ERR Protocol version is not an integer or out of range";
inline constexpr std::string_view kBadClientName =
    "ERR Client names cannot contain spaces, newlines or special characters.";
inline constexpr std::string_view kNoSuchClient = "ERR No such client";
inline constexpr std::string_view kBadClientId = "ERR Invalid client ID";
inline constexpr std::string_view kClientIdNotPositive = "ERR client-id should be greater than 0";
inline constexpr std::string_view kMaxAgeNotInteger = "ERR maxage is not an integer or out of range";
inline constexpr std::string_view kMaxAgeNotPositive = "ERR maxage should be greater than 0";
inline constexpr std::string_view kPauseMode = "ERR CLIENT PAUSE mode must be WRITE or ALL";
inline constexpr std::string_view kUnblockReason = "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR";
inline constexpr std::string_view kTimeoutNotInteger = "ERR timeout is not an integer or out of range";
inline constexpr std::string_view kTimeoutNotFloat = "ERR timeout is not a float or out of range";
inline constexpr std::string_view kTimeoutNegative = "ERR timeout is negative";
inline constexpr std::string_view kTimeoutOutOfRange = "ERR timeout is out of range";

// COMMAND.
inline constexpr std::string_view kBadCommand = "ERR Invalid command specified";
inline constexpr std::string_view kBadKeyArguments = "ERR Invalid arguments specified for command";
inline constexpr std::string_view kNoKeyArguments = "ERR The command has no key arguments";
inline constexpr std::string_view kBadArgumentCount = "ERR Invalid number of arguments specified for command";

// Streams.
inline constexpr std::string_view kInvalidStreamId = "ERR Invalid stream ID specified as stream command argument";
inline constexpr std::string_view kInvalidRangeStart = "ERR invalid start ID for the interval";
inline constexpr std::string_view kInvalidRangeEnd = "ERR invalid end ID for the interval";
inline constexpr std::string_view kTrimConflict =
    "ERR syntax error, MAXLEN and MINID options at the same time are not compatible";
inline constexpr std::string_view kTrimMaxLenNegative = "ERR The MAXLEN argument must be >= 0.";
inline constexpr std::string_view kTrimLimitNegative = "ERR The LIMIT argument must be >= 0.";
inline constexpr std::string_view kLimitWithoutTrim =
    "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy";
inline constexpr std::string_view kLimitWithoutTilde =
    "ERR syntax error, LIMIT cannot be used without the special ~ option";
inline constexpr std::string_view kNoTrim = "ERR syntax error, XTRIM must be called with a trimming strategy";
inline constexpr std::string_view kXAddZeroId = "ERR The ID specified in XADD must be greater than 0-0";
inline constexpr std::string_view kXAddExhausted =
    "ERR The stream has exhausted the last possible ID, unable to add more items";
inline constexpr std::string_view kXAddSmallerId =
    "ERR The ID specified in XADD is equal or smaller than the target stream top item";
inline constexpr std::string_view kXAddTooLarge = "ERR Elements are too large to be stored";
inline constexpr std::string_view kEntriesAddedNegative = "ERR entries_added must be positive";
inline constexpr std::string_view kXSetIdBelowGivenDeleted =
    "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id";
inline constexpr std::string_view kXSetIdBelowTop =
    "ERR The ID specified in XSETID is smaller than the target stream top item";
inline constexpr std::string_view kXSetIdFewEntries =
    "ERR The entries_added specified in XSETID is smaller than the target stream length";
inline constexpr std::string_view kUnbalancedStreams =
    "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.";
inline constexpr std::string_view kXReadGroupOption =
    "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.";
inline constexpr std::string_view kXReadNoAck =
    "ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.";
inline constexpr std::string_view kXReadMaxCount = "ERR MAXCOUNT must be a positive integer";
inline constexpr std::string_view kXReadMaxSize = "ERR MAXSIZE must be a positive integer";
inline constexpr std::string_view kXReadMaxCountBelowCount = "ERR MAXCOUNT must be greater than or equal to COUNT";
inline constexpr std::string_view kXReadClaim =
    "ERR The CLAIM option is only supported by XREADGROUP. You called XREAD instead.";
inline constexpr std::string_view kClaimNotInteger = "ERR min-idle-time is not an integer";
inline constexpr std::string_view kClaimNegative = "ERR min-idle-time must be a positive integer";
inline constexpr std::string_view kXReadGroupMissing = "ERR Missing GROUP option for XREADGROUP";
inline constexpr std::string_view kDollarInGroup =
    "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by "
    "specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.";
inline constexpr std::string_view kPlusInGroup =
    "ERR The + ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by "
    "specifying a proper ID, or use the > ID to get new messages. The + ID would just return an empty result set.";
inline constexpr std::string_view kGreaterOutsideGroup =
    "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.";
inline constexpr std::string_view kStreamGone = "UNBLOCKED the stream key no longer exists";
inline constexpr std::string_view kGroupGone = "NOGROUP the consumer group this client was blocked on no longer exists";
inline constexpr std::string_view kXGroupNoKey =
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option "
    "to create an empty stream automatically.";
inline constexpr std::string_view kEntriesReadNegative = "ERR value for ENTRIESREAD must be positive or -1";
inline constexpr std::string_view kBusyGroup = "BUSYGROUP Consumer Group name already exists";
inline constexpr std::string_view kXClaimMinIdle = "ERR Invalid min-idle-time argument for XCLAIM";
inline constexpr std::string_view kXClaimIdle = "ERR Invalid IDLE option argument for XCLAIM";
inline constexpr std::string_view kXClaimTime = "ERR Invalid TIME option argument for XCLAIM";
inline constexpr std::string_view kXClaimRetryCount = "ERR Invalid RETRYCOUNT option argument for XCLAIM";
inline constexpr std::string_view kXAutoClaimMinIdle = "ERR Invalid min-idle-time argument for XAUTOCLAIM";
inline constexpr std::string_view kXAutoClaimCount = "ERR COUNT must be > 0";
inline constexpr std::string_view kXAutoClaimCountTooHigh =
    "ERR Insufficient memory, failed allocating transient memory, COUNT too high.";
inline constexpr std::string_view kIdmpTwice = "ERR IDMP/IDMPAUTO specified multiple times";
inline constexpr std::string_view kIdmpWithId = "ERR IDMP/IDMPAUTO can be used only with auto-generated IDs";
inline constexpr std::string_view kIdmpNoPid = "ERR IDMP requires a non-empty producer ID";
inline constexpr std::string_view kIdmpNoIid = "ERR IDMP requires a non-empty idempotent ID";
inline constexpr std::string_view kIdmpAutoNoPid = "ERR IDMPAUTO requires a non-empty producer ID";
inline constexpr std::string_view kIdmpDurationRange = "ERR IDMP-DURATION must be between 1 and 86400 seconds";
inline constexpr std::string_view kIdmpMaxSizeRange = "ERR IDMP-MAXSIZE must be between 1 and 10000 entries";
inline constexpr std::string_view kXCfgSetNothing = "ERR At least one parameter must be specified";
inline constexpr std::string_view kXIdmpRecordNoPid = "ERR XIDMPRECORD requires a non-empty producer ID";
inline constexpr std::string_view kXIdmpRecordNoIid = "ERR XIDMPRECORD requires a non-empty idempotent ID";
inline constexpr std::string_view kXIdmpRecordNoEntry = "ERR No such message in stream";
inline constexpr std::string_view kXIdmpRecordOther =
    "ERR IID already exists for this producer with a different stream ID";
inline constexpr std::string_view kXNackMode = "ERR mode must be SILENT, FAIL, or FATAL";
inline constexpr std::string_view kXNackNoIds = "ERR syntax error, expected IDS keyword";
inline constexpr std::string_view kXNackIdCount = "ERR numids must be a positive integer";
inline constexpr std::string_view kXNackIdCountMismatch = "ERR number of IDs doesn't match numids";
inline constexpr std::string_view kXNackRetryCount = "ERR Invalid RETRYCOUNT value, must be >= 0";
inline constexpr std::string_view kIdCountNotPositive = "ERR Number of IDs must be a positive integer";
inline constexpr std::string_view kIdCountMismatch = "ERR The `numids` parameter must match the number of arguments";

}  // namespace tidemark::commands::errors
