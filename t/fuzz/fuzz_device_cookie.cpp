// A device cookie (the first line), and the file of its keys (the rest).

#include <array>
#include <string>

#include "engine/credential/device_cookie.hpp"
#include "t/fuzz/input.hpp"

using namespace ipfence;
using fuzz::require;

namespace {

constexpr std::int64_t kNow = 1'800'000'000;

const DeviceKeys &keys() {
    static const DeviceKeys made = DeviceKeys::parse(std::string(64, '7')).value();
    return made;
}

const std::string &genuine_cookie() {
    constexpr DeviceTag kDevice{1, 2, 3};
    static const std::string cookie = make_device_cookie(keys(), "alice", kDevice, kNow + 1);
    return cookie;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    fuzz::Input input(data, size);
    const fuzz::ExactText cookie = input.line();
    if (read_device_cookie(keys(), cookie.view(), kNow)) {
        require(cookie.view() == genuine_cookie(), "no cookie is forged");
    }
    const fuzz::ExactText file = input.rest();
    if (const auto read = DeviceKeys::parse(file.view())) {
        require(!read->keys().empty(), "a file that is accepted has a key");
        for (const auto &key : read->keys()) {
            require(key.size() >= DeviceKeys::kMinKeyBytes, "no key is short");
        }
    }
    return 0;
}
