#include "module/audit.hpp"

#include <array>
#include <span>

#include "engine/decision/names.hpp"
#include "engine/text_pieces.hpp"
#include "module/audit_file.hpp"
#include "module/audit_losses.hpp"
#include "module/candidate.hpp"
#include "module/client_address.hpp"
#include "module/json_line.hpp"
#include "module/kind_names.hpp"
#include "module/request_id.hpp"
#include "module/store_lookup.hpp"
#include "module/verdict_text.hpp"

namespace ipfence::module {

namespace {

constexpr std::array kPhaseNames{
    Named{Phase::request, "request"},
    Named{Phase::response, "response"},
};
static_assert(lists_in_order(kPhaseNames));

// nginx's own text of the second that this event loop is in: no clock is asked.
std::string_view cached_time() noexcept {
    constexpr std::string_view kAnyTime = "1970-01-01T00:00:00+00:00";
    return {reinterpret_cast<const char *>(ngx_cached_http_log_iso8601.data), kAnyTime.size()};
}

// Members whose values are known words and truths, which are read when they are written.

struct Asked {
    using When = json::OneOf<"phase", kPhaseNames>;
    using Kind = json::OneOf<"kind", kKindNames>;
    using Operation = json::OneOf<"operation", kOperationNames>;
    using Flow = json::OneOf<"flow", kFlowNames>;
    using Refreshed = json::Boolean<"refreshed">;
    using DeviceActivated = json::Boolean<"device_activated">;

    const RequestState &state;
    const KnownRequest &request;

    static constexpr std::size_t room() noexcept {
        return json::Both<When, Kind>::room() + Operation::room() + Flow::room() +
               json::Both<Refreshed, DeviceActivated>::room();
    }
    char *write(char *to) const noexcept {
        to = json::Both(When(state.verdict->phase), Kind(state.kind)).write(to);
        if (!request) {
            return json::write_members(to, Operation(), Flow(),
                                       json::Both(Refreshed(false), DeviceActivated(false)));
        }
        return json::write_members(
            to, Operation(request->operation), Flow(request->flow),
            json::Both(Refreshed(request->refreshed), DeviceActivated(request->device_activated)));
    }
};

struct Decided {
    using What = json::OneOf<"decision", kOutcomeNames>;
    using Enforced = json::Boolean<"enforced">;
    using Why = json::OneOf<"reason", kReasonNames>;

    const Verdict &verdict;

    static constexpr std::size_t room() noexcept {
        return json::Both<What, Enforced>::room() + Why::room();
    }
    char *write(char *to) const noexcept {
        return json::write_members(
            to, json::Both(What(verdict.outcome), Enforced(verdict.enforced)), Why(verdict.reason));
    }
};

struct AddressOrNull {
    static constexpr auto &kBefore = json::kOpening<"ip", "\":\"">;
    static constexpr auto &kNull = json::kOpening<"ip", "\":null">;

    const std::optional<Address> &address;

    static constexpr std::size_t room() noexcept {
        return kBefore.size() + Address::kMaxTextLength + json::kQuote;
    }
    char *write(char *to) const noexcept {
        if (!address) {
            return json::write_constant(to, kNull);
        }
        to = json::write_constant(to, kBefore);
        to +=
            address->format(std::span<char, Address::kMaxTextLength>(to, Address::kMaxTextLength));
        *to++ = '"';
        return to;
    }
};

// What the candidate policy decides, if there is one; out of the way of lines that do not say it.
class Candidate {
  public:
    explicit Candidate(const RequestState &state)
        : policy_(state.candidate()), verdict_(*state.verdict) {
        if (policy_ != nullptr && verdict_.candidate) {
            rule_size_ = rule_of(*verdict_.candidate, rule_).size();
        }
    }
    Candidate(const Candidate &) = delete;
    Candidate &operator=(const Candidate &) = delete;

    std::size_t room() const noexcept { return policy_ == nullptr ? 0 : room_for_all(); }
    char *write(char *to) const noexcept { return policy_ == nullptr ? to : write_all(to); }

  private:
    using Outcome = json::OneOf<"candidate_decision", kOutcomeNames>;
    using Reason = json::OneOf<"candidate_reason", kReasonNames>;

    template <class Use>
    auto with_members(Use use) const noexcept {
        const std::optional<Decision> &decision = verdict_.candidate;
        return use(json::Word<"candidate_policy">{policy_->hash()},
                   decision ? Outcome(decision->outcome) : Outcome(),
                   decision ? Reason(decision->reason) : Reason(),
                   json::TextOrNull<"candidate_rule">{{rule_.data(), decision ? rule_size_ : 0}},
                   json::TextOrNull<"candidate_profile">{decision ? profile_of(*decision)
                                                                  : std::string_view{}},
                   json::Boolean<"candidate_flip">(is_flip(verdict_)));
    }
    [[gnu::noinline]] std::size_t room_for_all() const noexcept {
        return with_members([](const auto &...members) { return json::room_for(members...); });
    }
    [[gnu::noinline]] char *write_all(char *to) const noexcept {
        return with_members(
            [to](const auto &...members) { return json::write_members(to, members...); });
    }

    const Policy *policy_;
    const Verdict &verdict_;
    RuleText rule_;
    std::size_t rule_size_;
};

// Mostly a range, whose text is made where it stands; else any text.
class RuleOrNull {
  public:
    RuleOrNull(const Verdict &verdict, RuleText &storage) noexcept
        : match_(match_of(verdict)),
          other_{match_ != nullptr ? std::string_view{} : rule_of(verdict, storage)} {}

    std::size_t room() const noexcept {
        return match_ == nullptr ? other_.room() : kBefore.size() + kLongest + json::kQuote;
    }
    char *write(char *to) const noexcept {
        if (match_ == nullptr) {
            return other_.write(to);
        }
        to = json::write_constant(to, kBefore);
        if (const std::optional<AddressRange> range = match_->range()) {
            to += range->format(std::span<char, kLongest>(to, kLongest));
        }
        *to++ = '"';
        return to;
    }

  private:
    static constexpr auto &kBefore = json::Text<"rule">::kBefore;
    static constexpr std::size_t kLongest = AddressRange::kMaxTextLength;

    static const RangeMatch *match_of(const Verdict &verdict) noexcept {
        const Decision *decision = decision_behind(verdict);
        return decision != nullptr && decision->rule.match ? &decision->rule.match : nullptr;
    }

    const RangeMatch *match_;  // null: no range decided
    json::TextOrNull<"rule"> other_;
};

std::string_view claimed_profile_of(const KnownRequest &request) noexcept {
    return request ? request->claimed_profile.value_or(std::string_view{}) : std::string_view{};
}

std::string_view store_outcome_of(const RequestState &state) noexcept {
    const auto outcome =
        state.store_lookup == nullptr ? std::nullopt : state.store_lookup->outcome();
    return outcome.value_or(std::string_view{});
}

// `longest_name`, in bytes, is that of names that clients and tokens choose, where a line may be so
// long only.
json::MadeLine make_line(const RequestState &state, std::span<char> storage,
                         std::size_t longest_name = std::string_view::npos) {
    const Verdict &verdict = *state.verdict;
    const KnownRequest request = request_of(state);
    RuleText rule;
    std::optional<Address> address;
    const Candidate candidate(state);

    return json::make_line(
        storage, json::Word<"time">{cached_time()}, json::Word<"request_id">{request_id_of(state)},
        Asked{state, request},
        AddressOrNull{request ? request->client_address
                              : (address = client_address_of(state.request))},
        json::Text<"peer">{view(state.request->connection->addr_text)},
        json::TextOrNull<"app">{cut_between_characters(app_of(state, request), longest_name)},
        json::TextOrNull<"user">{cut_between_characters(user_of(state, request), longest_name)},
        json::TextOrNull<"profile">{profile_of(verdict)},
        json::TextIfAny<"claimed_profile">{
            cut_between_characters(claimed_profile_of(request), longest_name)},
        Decided{verdict}, RuleOrNull(verdict, rule),
        json::TextIfAny<"store">{store_outcome_of(state)},
        json::Word<"policy">{state.policy().hash()}, candidate);
}

void report_unmade(ngx_http_request_t *r) {
    audit_losses.add();
    if (audit_losses.is_reason_due()) {
        ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                      "ipfence: audit lines are lost, there is no memory to make them; raise "
                      "nginx's memory limit");
    }
}

// A datagram over UDP takes 65,507 bytes, syslog's header among them. Nobody shall be able to have
// the line of his own request lost by what he calls himself.
constexpr std::size_t kLargestMessage = 65000;
constexpr std::size_t kLongestSentName = 1000;

// One datagram, without the newline. nginx says in its error log when it cannot send.
void send_line(ngx_http_request_t *r, ngx_syslog_peer_t &peer, std::string_view line) {
    constexpr std::string_view kPriorityAndTime = "<255>Jan 01 00:00:00 ";
    constexpr std::size_t kSeparators = 3;
    const std::size_t header =
        kPriorityAndTime.size() + ngx_cycle->hostname.len + peer.tag.len + kSeparators;
    auto *message = static_cast<u_char *>(ngx_pnalloc(r->pool, header + line.size()));
    if (message == nullptr) {
        report_unmade(r);
        return;
    }
    u_char *end = ngx_syslog_add_header(&peer, message);
    end = ngx_cpymem(end, line.data(), line.size() - 1);
    const auto size = static_cast<std::size_t>(end - message);
    if (ngx_syslog_send(&peer, message, size) != static_cast<ssize_t>(size)) {
        audit_losses.add();
    } else {
        audit_losses.report(r->connection->log);
    }
}

// A line for which there is no room where it is to wait.
[[gnu::noinline]] void write_line(const RequestState &state, AuditFile *file) {
    std::array<char, 4096> usual;  // nearly every line fits into it
    char *memory = usual.data();
    json::MadeLine made = make_line(state, usual);
    if (!made.is_made) {
        memory = static_cast<char *>(ngx_pnalloc(state.request->pool, made.size));
        if (memory == nullptr) {
            report_unmade(state.request);
            return;
        }
        made = make_line(state, {memory, made.size});
    }
    if (file == nullptr && made.size > kLargestMessage) {
        made = make_line(state, {memory, made.size}, kLongestSentName);
    }
    const std::string_view line(memory, made.size);
    if (file != nullptr) {
        file->write(line, state.request->connection->log);
    } else {
        send_line(state.request, *state.conf->audit_syslog, line);
    }
}

}  // namespace

void write_audit_line(const RequestState &state) {
    AuditFile *file = state.conf->audit_syslog == nullptr ? state.conf->audit : nullptr;
    const std::span<char> room = file == nullptr ? std::span<char>{} : file->room();
    if (!room.empty()) {
        if (const json::MadeLine made = make_line(state, room); made.is_made) {
            file->keep(made.size, state.request->connection->log);
            return;
        }
    }
    write_line(state, file);
}

}  // namespace ipfence::module
