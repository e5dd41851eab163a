#pragma once

namespace ipfence::module {

/// Makes requests let go of policies that are in force no more, where all is decided and only the
/// answer takes its time; what variables may still be asked is kept of them. A request that is to
/// be decided keeps its policy. Of many requests some only, and the next call goes on.
void release_former_policies() noexcept;

}  // namespace ipfence::module
