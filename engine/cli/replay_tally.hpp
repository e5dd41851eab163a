#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cli/audit_line.hpp"
#include "engine/json.hpp"

namespace ipfence::cli {

/// What a replay found: counts, and the first of the lines that flip. Takes as much memory as there
/// are apps, and users up to a limit, however many lines there are.
class ReplayTally {
  public:
    /// A line that a decision was made of, and what the candidate answers.
    void add_decision(const AuditLine &line, const Decision &candidate);

    /// A line of the gate's own reasons, which no policy changes.
    void add_without_decision(Reason reason);

    /// A line that cannot be decided again, why, and where it stands.
    void add_undecidable(const std::string &place, const std::string &fault);

    std::uint64_t decisions() const noexcept { return decisions_; }
    std::uint64_t flips() const noexcept { return newly_denied_ + newly_allowed_; }
    std::uint64_t undecidable() const noexcept { return undecidable_; }

    /// All of it as a person reads it, longest lists cut.
    std::string text() const;

    /// All of it for machines; docs/command-line.md says what the members are.
    OwnedJson json() const;

  private:
    struct Count {
        std::uint64_t decisions = 0;
        std::uint64_t denied_before = 0;
        std::uint64_t denied_after = 0;
        std::uint64_t flips = 0;

        void add(bool before, bool after) noexcept;
    };
    struct ReasonCount {
        std::uint64_t before = 0;
        std::uint64_t after = 0;
    };
    using Counts = std::map<std::string, Count, std::less<>>;

    struct FlippedLine {
        std::string time;
        std::string request_id;
        std::string user;
        std::string app;
        std::string ip;
        Operation operation;
        Flow flow;
        Reason before;
        Reason after;
        Outcome becomes;
    };

    static Count &place(Counts &counts, std::string_view name);
    static void append_counts(std::string &text, const char *what, const Counts &counts);
    static json_t *json_of(const Counts &counts);
    static json_t *json_of(const FlippedLine &line);
    void append_flips(std::string &text) const;
    void keep_flip(const AuditLine &line, const Decision &candidate);

    std::uint64_t decisions_ = 0;
    std::uint64_t newly_denied_ = 0;
    std::uint64_t newly_allowed_ = 0;
    std::uint64_t without_decision_ = 0;
    std::uint64_t undecidable_ = 0;
    Counts apps_;
    Counts users_;
    std::map<std::string_view, ReasonCount> reasons_;
    std::map<std::string_view, std::uint64_t> other_reasons_;
    std::vector<FlippedLine> flipped_;
    std::vector<std::string> undecidable_examples_;
};

}  // namespace ipfence::cli
