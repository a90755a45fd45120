// The commands on places. Part of the command table, see table.cc.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "commands/arguments.h"
#include "commands/command_spec.h"
#include "commands/geo/handlers.h"

namespace tidemark::commands::geo_table {

inline constexpr KeyRange kRead[] = {{.first = 1, .last = 1, .flags = "RO,access"}};
inline constexpr KeyRange kUpdate[] = {{.first = 1, .last = 1, .flags = "RW,update"}};
inline constexpr KeyRange kStoreOne[] = {{.first = 1, .last = 1, .need = KeyNeed::kNothing, .flags = "OW,update"},
                                         {.first = 2, .last = 2, .flags = "RO,access"}};
inline constexpr KeyRange kRadius[] = {
    {.first = 1, .last = 1, .flags = "RO,access"},
    {.first = 6, .need = KeyNeed::kNothing, .flags = "OW,update", .search = KeySearch::kKeyword, .keyword = "STORE"},
    {.first = 6,
     .need = KeyNeed::kNothing,
     .flags = "OW,update",
     .search = KeySearch::kKeyword,
     .keyword = "STOREDIST"}};
inline constexpr KeyRange kRadiusByMember[] = {
    {.first = 1, .last = 1, .flags = "RO,access"},
    {.first = 5, .need = KeyNeed::kNothing, .flags = "OW,update", .search = KeySearch::kKeyword, .keyword = "STORE"},
    {.first = 5,
     .need = KeyNeed::kNothing,
     .flags = "OW,update",
     .search = KeySearch::kKeyword,
     .keyword = "STOREDIST"}};

// Every key that an option names to store in, also where one is repeated: the command writes to the last one.
inline void FindRadiusKeys(std::span<const std::string_view> args, std::span<const KeyRange> ranges,
                           std::vector<KeyArgument>& out) {
  out.push_back({1, ranges[0].need, &ranges[0]});
  constexpr std::string_view kWords[] = {"store", "storedist"};
  for (size_t option = 0; option < 2; ++option) {
    const KeyRange& range = ranges[option + 1];
    for (size_t i = static_cast<size_t>(range.first); i + 1 < args.size(); ++i) {
      if (IsWord(args[i], kWords[option])) out.push_back({++i, range.need, &range});
    }
  }
}

inline constexpr CommandSpec kGeoCommands[] = {
    {.name = "geoadd",
     .function = GeoaddCommand,
     .arity = -5,
     .flags = Flag::kWrite | Flag::kDenyOom,
     .acl_categories = "geo",
     .keys = kUpdate,
     .group = "geo",
     .since = "3.2.0",
     .complexity = "O(log(N)) for each member, N members",
     .summary = "Adds places to a sorted set of them, or moves them.",
     .syntax =
         "key:key (NX|XX)condition?@6.2.0 CH=change:pure-token?@6.2.0 {longitude:double latitude:double member}data*",
     .history = "6.2.0: options CH, NX and XX"},
    {.name = "geodist",
     .function = GeodistCommand,
     .arity = -4,
     .flags = Flag::kReadonly,
     .acl_categories = "geo",
     .keys = kRead,
     .group = "geo",
     .since = "3.2.0",
     .complexity = "O(1)",
     .summary = "Answers the distance between two places.",
     .syntax = "key:key member1 member2 (M|KM|FT|MI)unit?"},
    {.name = "geohash",
     .function = GeohashCommand,
     .arity = -2,
     .flags = Flag::kReadonly,
     .acl_categories = "geo",
     .keys = kRead,
     .group = "geo",
     .since = "3.2.0",
     .complexity = "O(1) for each member",
     .summary = "Answers places as geohash texts.",
     .syntax = "key:key member?*"},
    {.name = "geopos",
     .function = GeoposCommand,
     .arity = -2,
     .flags = Flag::kReadonly,
     .acl_categories = "geo",
     .keys = kRead,
     .group = "geo",
     .since = "3.2.0",
     .complexity = "O(1) for each member",
     .summary = "Answers the longitudes and latitudes of places.",
     .syntax = "key:key member?*"},
    {.name = "georadius",
     .function = GeoradiusCommand,
     .arity = -6,
     .flags = Flag::kWrite | Flag::kDenyOom | Flag::kMovableKeys,
     .acl_categories = "geo",
     .keys = kRadius,
     .find_keys = FindRadiusKeys,
     .group = "geo",
     .since = "3.2.0",
     .complexity = "O(N+log(M)), N members in the cells that cover the shape, M members in all",
     .summary = "Answers or stores the places within a circle around a point.",
     .syntax = "key:key longitude:double latitude:double radius:double (M|KM|FT|MI)unit WITHCOORD? WITHDIST? WITHHASH? "
               "{COUNT=count:integer ANY?@6.2.0}count-block? (ASC|DESC)order? "
               "(STORE=storekey:key|STOREDIST=storedistkey:key)store?",
     .history = "6.2.0: option ANY of COUNT\n"
                "7.0.0: units in capital letters too",
     .deprecated = "6.2.0|`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument"},
    {.name = "georadius_ro",
     .function = GeoradiusRoCommand,
     .arity = -6,
     .flags = Flag::kReadonly,
     .acl_categories = "geo",
     .keys = kRead,
     .group = "geo",
     .since = "3.2.10",
     .complexity = "O(N+log(M)), N members in the cells that cover the shape, M members in all",
     .summary = "Answers the places within a circle around a point.",
     .syntax = "key:key longitude:double latitude:double radius:double (M|KM|FT|MI)unit WITHCOORD? WITHDIST? WITHHASH? "
               "{COUNT=count:integer ANY?@6.2.0}count-block? (ASC|DESC)order?",
     .history = "6.2.0: option ANY of COUNT\n"
                "7.0.0: units in capital letters too",
     .deprecated = "6.2.0|`GEOSEARCH` with the `BYRADIUS` argument"},
    {.name = "georadiusbymember",
     .function = GeoradiusbymemberCommand,
     .arity = -5,
     .flags = Flag::kWrite | Flag::kDenyOom | Flag::kMovableKeys,
     .acl_categories = "geo",
     .keys = kRadiusByMember,
     .find_keys = FindRadiusKeys,
     .group = "geo",
     .since = "3.2.0",
     .complexity = "O(N+log(M)), N members in the cells that cover the shape, M members in all",
     .summary = "Answers or stores the places within a circle around a member.",
     .syntax = "key:key member radius:double (M|KM|FT|MI)unit WITHCOORD? WITHDIST? WITHHASH? {COUNT=count:integer "
               "ANY?}count-block? (ASC|DESC)order? (STORE=storekey:key|STOREDIST=storedistkey:key)store?",
     .history = "6.2.0: option ANY of COUNT\n"
                "7.0.0: units in capital letters too",
     .deprecated = "6.2.0|`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments"},
    {.name = "georadiusbymember_ro",
     .function = GeoradiusbymemberRoCommand,
     .arity = -5,
     .flags = Flag::kReadonly,
     .acl_categories = "geo",
     .keys = kRead,
     .group = "geo",
     .since = "3.2.10",
     .complexity = "O(N+log(M)), N members in the cells that cover the shape, M members in all",
     .summary = "Answers the places within a circle around a member.",
     .syntax = "key:key member radius:double (M|KM|FT|MI)unit WITHCOORD? WITHDIST? WITHHASH? {COUNT=count:integer "
               "ANY?}count-block? (ASC|DESC)order?",
     .history = "6.2.0: option ANY of COUNT\n"
                "7.0.0: units in capital letters too",
     .deprecated = "6.2.0|`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments"},
    {.name = "geosearch",
     .function = GeosearchCommand,
     .arity = -7,
     .flags = Flag::kReadonly,
     .acl_categories = "geo",
     .keys = kRead,
     .group = "geo",
     .since = "6.2.0",
     .complexity = "O(N+log(M)), N members in the cells that cover the shape, M members in all",
     .summary = "Answers the places within a circle, a box or a polygon.",
     .syntax =
         "key:key (FROMMEMBER=member|FROMLONLAT={longitude:double latitude:double}fromlonlat)from? "
         "({BYRADIUS=radius:double (M|KM|FT|MI)unit}circle|{BYBOX=width:double height:double (M|KM|FT|MI)unit}box|"
         "{BYPOLYGON=num-vertices:integer {longitude:double latitude:double}vertex*}polygon@9.0.0)by "
         "(ASC|DESC)order? {COUNT=count:integer ANY?}count-block? WITHCOORD? WITHDIST? WITHHASH?",
     .history = "7.0.0: units in capital letters too\n"
                "9.0.0: option BYPOLYGON"},
    {.name = "geosearchstore",
     .function = GeosearchstoreCommand,
     .arity = -8,
     .flags = Flag::kWrite | Flag::kDenyOom,
     .acl_categories = "geo",
     .keys = kStoreOne,
     .group = "geo",
     .since = "6.2.0",
     .complexity = "O(N+log(M)), N members in the cells that cover the shape, M members in all",
     .summary = "Stores the places within a circle, a box or a polygon.",
     .syntax =
         "destination:key source:key (FROMMEMBER=member|FROMLONLAT={longitude:double latitude:double}fromlonlat)from? "
         "({BYRADIUS=radius:double (M|KM|FT|MI)unit}circle|{BYBOX=width:double height:double (M|KM|FT|MI)unit}box|"
         "{BYPOLYGON=num-vertices:integer {longitude:double latitude:double}vertex*}polygon@9.0.0)by "
         "(ASC|DESC)order? {COUNT=count:integer ANY?}count-block? STOREDIST?",
     .history = "7.0.0: units in capital letters too\n"
                "9.0.0: option BYPOLYGON"},
};

}  // namespace tidemark::commands::geo_table
