#include "engine/policy/inspection.hpp"

#include <utility>

namespace ipfence {

namespace {

constexpr char kStep = '\0';
constexpr std::string_view kFirstMember("\0.", 2);

}  // namespace

Inspection::Place::Place(std::string &path, std::string_view step)
    : path_(path), outer_size_(path.size()) {
    path_.append(step);
}

Inspection::Place Inspection::enter(std::string_view key) {
    return {path_, path_step(key)};
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

std::string path_step(std::string_view key) {
    std::string step{kStep, '.'};
    step.append(key);
    return step;
}

std::string path_step(std::size_t index) {
    return kStep + ("[" + std::to_string(index) + "]");
}

std::string path_text(std::string_view path) {
    std::string text(path.substr(path.starts_with(kFirstMember) ? kFirstMember.size() : 0));
    std::erase(text, kStep);
    return text;
}

}  // namespace ipfence
