#include "engine/cli/policy_case.hpp"

#include <algorithm>
#include <utility>

#include "engine/byte_order_mark.hpp"
#include "engine/cli/decide_request.hpp"
#include "engine/decision/name_unless_empty.hpp"

namespace ipfence::cli {

namespace {

bool is_space(char byte) noexcept {
    return byte == ' ' || byte == '\t' || byte == '\r';
}

// Words, without the quotes that hold spaces together; an error for a quote that is not closed.
Result<std::vector<std::string>> words_of(std::string_view line) {
    std::vector<std::string> words;
    std::string word;
    bool in_word = false;
    bool quoted = false;
    if (begins_with_byte_order_mark(line)) {
        return Error{std::string(kBeginsWithByteOrderMark)};
    }
    for (const char byte : line) {
        if (!quoted && !in_word && byte == '#') {
            break;
        }
        if (!quoted && is_space(byte)) {
            if (in_word) {
                words.push_back(std::exchange(word, {}));
            }
            in_word = false;
            continue;
        }
        in_word = true;
        if (byte == '"') {
            quoted = !quoted;
        } else {
            word += byte;
        }
    }
    if (quoted) {
        return Error{"a quote is not closed"};
    }
    if (in_word) {
        words.push_back(word);
    }
    return words;
}

// The members of a line that are set once at most.
class CaseMembers {
  public:
    explicit CaseMembers(PolicyCase &line) : case_(line) {}

    // What is wrong with a word, or nothing.
    std::string take(std::string_view word) {
        if (word == "refreshed") {
            case_.request.refreshed = true;
            return {};
        }
        if (word == "device_activated") {
            case_.request.device_activated = true;
            return {};
        }
        const std::size_t equals = word.find('=');
        if (equals == std::string_view::npos) {
            return "\"" + std::string(word) + "\" is neither NAME=VALUE nor a flag";
        }
        const std::string_view name = word.substr(0, equals);
        if (std::ranges::find(seen_, name) != seen_.end()) {
            return std::string(name) + " is given twice";
        }
        seen_.emplace_back(name);
        return take(name, word.substr(equals + 1));
    }

    void finish() {
        if (!flow_) {
            case_.request.flow = default_flow(case_.request.app);
        }
    }

  private:
    std::string take(std::string_view name, std::string_view value) {
        if (name == "user") {
            case_.request.user = name_unless_empty(value);
        } else if (name == "app") {
            case_.request.app = name_unless_empty(value);
        } else if (name == "profile_claim") {
            case_.request.claimed_profile = value;
        } else if (name == "rule") {
            case_.rule = value;
        } else if (name == "ip") {
            case_.request.client_address = Address::parse(value);
            return case_.request.client_address ? "" : "ip is no IP address";
        } else if (name == "flow") {
            flow_ = flow_of(value);
            case_.request.flow = flow_.value_or(Flow::unknown);
            return flow_ ? "" : "flow is none";
        } else if (name == "reason") {
            case_.reason = reason_of(value);
            return case_.reason ? "" : "reason is none";
        } else {
            return "\"" + std::string(name) + "\" is not known";
        }
        return {};
    }

    PolicyCase &case_;
    std::vector<std::string> seen_;
    std::optional<Flow> flow_;
};

}  // namespace

Result<std::optional<PolicyCase>> parse_policy_case(std::string_view line) {
    auto words = words_of(line);
    if (!words) {
        return words.error();
    }
    if (words->empty()) {
        return std::optional<PolicyCase>();
    }
    PolicyCase result;
    result.words = std::move(words).value();
    const auto outcome = outcome_of(result.words[0]);
    const auto operation =
        result.words.size() > 1 ? operation_of(result.words[1]) : std::optional<Operation>();
    if (!outcome || !operation) {
        return Error{"a case begins with allow or deny, and an operation"};
    }
    result.outcome = *outcome;
    result.request.operation = *operation;
    CaseMembers members(result);
    for (std::size_t index = 2; index < result.words.size(); ++index) {
        if (std::string fault = members.take(result.words[index]); !fault.empty()) {
            return Error{std::move(fault)};
        }
    }
    members.finish();
    return std::optional(std::move(result));
}

}  // namespace ipfence::cli
