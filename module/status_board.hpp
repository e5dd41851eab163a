#pragma once

#include <memory>

#include "engine/status/board.hpp"
#include "module/nginx.hpp"
#include "module/request_state.hpp"
#include "module/zone_mapping.hpp"

namespace ipfence::module {

/// The board that all workers count on. It outlives reloads, as zones do. Owned by the
/// configuration's pool.
class SharedBoard {
  public:
    /// Takes up the board of an earlier configuration, or makes one. Null after an error, which is
    /// logged.
    static std::unique_ptr<SharedBoard> open(ngx_conf_t *cf);

    StatusBoard &board() noexcept { return *board_; }

  private:
    SharedBoard(std::shared_ptr<ZoneMapping> mapping, StatusBoard *board) noexcept
        : mapping_(std::move(mapping)), board_(board) {}

    std::shared_ptr<ZoneMapping> mapping_;
    StatusBoard *board_;
};

/// Makes the board of a configuration that has a policy.
ngx_int_t make_board(ngx_conf_t *cf);

/// Counts the verdict of a request; of a denial, remembers what people want to know of it.
void count_verdict(const RequestState &state) noexcept;

}  // namespace ipfence::module
