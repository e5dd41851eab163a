#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ipfence {

/// Where things stand in a JSON text. jansson says what a document holds but not on which line, and
/// of several duplicate keys it reports one; so, when there is something to report, one pass over
/// the text that jansson has accepted finds the lines. It checks nothing: it only follows strings,
/// nesting and commas.
struct JsonPositions {
    struct Duplicate {
        std::string path;  // as a person reads it
        unsigned line;
        unsigned first_line;
    };
    /// The lines of those paths that were asked for and are there: of a member's key, of an
    /// element's value; of the last where a key is given twice, whose value jansson keeps.
    std::unordered_map<std::string, unsigned> lines;
    std::vector<Duplicate> duplicates;
};

/// The positions in `text`, which must be JSON that jansson accepts (duplicate keys aside). `paths`
/// are made of `path_step`; a document has millions of others, which are not kept.
JsonPositions find_json_positions(std::string_view text, std::span<const std::string> paths);

}  // namespace ipfence
