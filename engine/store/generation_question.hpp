#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/store/exchange.hpp"

namespace ipfence {

/// Asks the store for the counter of events: one round trip, once.
class GenerationQuestion final : public StoreExchange {
  public:
    /// `name` is what StoreNames calls the counter.
    explicit GenerationQuestion(std::string name) : name_(std::move(name)) {}

    std::vector<Command> next_round() override;
    bool take(std::span<const Reply> replies) override;

    /// What the store answered; empty as long as it has not.
    const std::optional<std::uint64_t> &generation() const noexcept { return generation_; }

  private:
    std::string name_;
    bool is_asked_ = false;
    std::optional<std::uint64_t> generation_;
};

}  // namespace ipfence
