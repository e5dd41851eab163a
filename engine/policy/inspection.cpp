#include "engine/policy/inspection.hpp"

#include <utility>

namespace ipfence {

Inspection::Place::Place(std::string &path, std::string_view step)
    : path_(path), outer_size_(path.size()) {
    path_.append(step);
}

Inspection::Place Inspection::enter(std::string_view key) {
    return {path_, path_step(key, path_.empty())};
}

Inspection::Place Inspection::enter(std::size_t index) {
    return {path_, path_step(index)};
}

void Inspection::error(std::string message) {
    remarks_.push_back({path_, std::move(message), true});
}

void Inspection::warning(std::string message) {
    remarks_.push_back({path_, std::move(message), false});
}

std::string path_step(std::string_view key, bool is_first) {
    std::string step = is_first ? "" : ".";
    step.append(key);
    return step;
}

std::string path_step(std::size_t index) {
    return "[" + std::to_string(index) + "]";
}

}  // namespace ipfence
