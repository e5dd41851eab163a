#pragma once

#include <string_view>

namespace ipfence::module {

// The files of module/status, as CMake puts them into the module.
extern const std::string_view kStatusPage;
extern const std::string_view kStatusScript;
extern const std::string_view kStatusStyle;
extern const std::string_view kStatusIcon;

}  // namespace ipfence::module
