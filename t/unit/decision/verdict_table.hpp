#pragma once

#include <cstdint>
#include <vector>

#include "engine/decision/decision.hpp"

namespace ipfence::test {

// The facts of a request that have no type of their own in the engine.
enum class Continuous : std::uint8_t { off, on };
enum class Refreshed : std::uint8_t { no, yes };
enum class Device : std::uint8_t { not_activated, activated };
/// What is known of the user whose profile counts.
enum class Subject : std::uint8_t { unidentified, missing_profile, unrestricted, restricted };
/// How the policy stands to the app. An unlisted app under a default_app stands as that.
enum class Standing : std::uint8_t { no_app, unlisted, saml_only, oauth };
enum class TrustedList : std::uint8_t { none, replace, bypass };
/// Where the client address is: in the profile's ranges, in the app's, in both, in neither.
enum class Place : std::uint8_t { unknown, elsewhere, profile_only, app_only, both };

/// A set of situations: a bit for every value of every fact. A situation is the set that has one
/// value of each; a condition holds for it when it contains it.
class Situations {
  public:
    constexpr explicit Situations(std::uint64_t bits) : bits_(bits) {}

    constexpr bool contain(Situations one) const { return (one.bits_ & ~bits_) == 0; }
    friend constexpr Situations operator&(Situations left, Situations right) {
        return Situations(left.bits_ & right.bits_);
    }
    friend constexpr Situations operator|(Situations left, Situations right) {
        return Situations(left.bits_ | right.bits_);
    }

  private:
    std::uint64_t bits_;
};

template <class Fact>
struct BitsOfFact;
// clang-format off
template <> struct BitsOfFact<Operation>           { static constexpr unsigned first = 0, count = 6; };
template <> struct BitsOfFact<Continuous>          { static constexpr unsigned first = 6, count = 2; };
template <> struct BitsOfFact<SensitiveOperations> { static constexpr unsigned first = 8, count = 3; };
template <> struct BitsOfFact<Flow>                { static constexpr unsigned first = 11, count = 10; };
template <> struct BitsOfFact<Refreshed>           { static constexpr unsigned first = 21, count = 2; };
template <> struct BitsOfFact<Device>              { static constexpr unsigned first = 23, count = 2; };
template <> struct BitsOfFact<Subject>             { static constexpr unsigned first = 25, count = 4; };
template <> struct BitsOfFact<Standing>            { static constexpr unsigned first = 29, count = 4; };
template <> struct BitsOfFact<Relaxation>          { static constexpr unsigned first = 33, count = 4; };
template <> struct BitsOfFact<TrustedList>         { static constexpr unsigned first = 37, count = 3; };
template <> struct BitsOfFact<Place>               { static constexpr unsigned first = 40, count = 5; };
// clang-format on

/// The bit of one value of one fact.
template <class Fact>
constexpr Situations bit(Fact value) {
    return Situations(std::uint64_t{1} << (BitsOfFact<Fact>::first + static_cast<unsigned>(value)));
}

/// The condition that a fact has one of these values, whatever the other facts are.
template <class Fact, class... More>
constexpr Situations is(Fact value, More... more) {
    using Bits = BitsOfFact<Fact>;
    constexpr std::uint64_t kWhole = ((std::uint64_t{1} << Bits::count) - 1) << Bits::first;
    return Situations(~kWhole) | (bit(value) | ... | bit(more));
}

/// One row: in these situations, this is what must come out.
struct Row {
    Situations when;
    Outcome outcome;
    Reason reason;
};

/// semantics.md as a table: the first row that contains a situation has its verdict. It goes by
/// what the app is set to, as the table at the end of that page does, and not by the steps.
std::vector<Row> verdict_table();

}  // namespace ipfence::test
