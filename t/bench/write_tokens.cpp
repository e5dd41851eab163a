// Writes a snapshot of a zone that remembers many token responses, whose tokens are those that
// t/bench/conf/upstream.conf would have issued to request 1, 2, ...
//
//   write_tokens SNAPSHOT RESPONSES ZONE_BYTES

#include <sys/mman.h>
#include <time.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>

#include <openssl/rand.h>

#include "engine/endpoint/learning.hpp"
#include "engine/memory/snapshot.hpp"

using namespace ipfence;

namespace {

std::optional<std::size_t> number(const char *text) {
    std::size_t value = 0;
    const char *end = text + std::strlen(text);
    const auto [stop, error] = std::from_chars(text, end, value);
    return error == std::errc{} && stop == end && value > 0 ? std::optional(value) : std::nullopt;
}

Instant instant_now() {
    timespec since_start{};
    ::clock_gettime(CLOCK_MONOTONIC, &since_start);
    return {::time(nullptr), static_cast<Seconds>(since_start.tv_sec)};
}

// As paced_load numbers requests.
std::string token(const char *kind, std::size_t request) {
    constexpr std::size_t kDigits = 10;
    const std::string digits = std::to_string(request);
    return kind + std::string(kDigits - std::min(kDigits, digits.size()), '0') + digits;
}

Learned learn_response(Memory &memory, std::size_t request, const Judgement &judgement,
                       Seconds now) {
    const std::string access_token = token("access-", request);
    const std::string refresh_token = token("refresh-", request);
    const std::string id_token = token("id-", request);
    IssuedTokens tokens;
    tokens.access_token = access_token;
    tokens.refresh_token = refresh_token;
    tokens.id_token = id_token;
    tokens.user = "alice@example.com";
    return learn_tokens(memory, tokens, judgement, {}, now);
}

Result<SnapshotCount> write_tokens(const std::string &file, std::size_t responses,
                                   std::span<std::byte> memory) {
    Zone::Key key;
    if (::RAND_bytes(key.data(), static_cast<int>(key.size())) != 1) {
        return Error{"OpenSSL has no random bytes"};
    }
    const auto zone = Zone::create(memory, key);
    if (!zone) {
        return zone.error();
    }
    auto remembering = Memory::on(*zone);
    if (!remembering) {
        return remembering.error();
    }
    const Instant now = instant_now();
    Judgement judgement;
    judgement.request.app = "web";
    judgement.request.user = "alice@example.com";
    judgement.request.flow = Flow::username_password;
    for (std::size_t request = 1; request <= responses; ++request) {
        if (learn_response(*remembering, request, judgement, now.monotonic) != Learned::learned) {
            return Error{"the zone is too small"};
        }
    }
    return write_snapshot(*zone, file, now);
}

}  // namespace

int main(int argc, char **argv) {
    const auto responses = argc == 4 ? number(argv[2]) : std::nullopt;
    const auto size = argc == 4 ? number(argv[3]) : std::nullopt;
    if (!responses || !size) {
        std::fputs("usage: write_tokens SNAPSHOT RESPONSES ZONE_BYTES\n", stderr);
        return 2;
    }
    void *memory =
        ::mmap(nullptr, *size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        std::fputs("write_tokens: no memory\n", stderr);
        return 1;
    }
    const auto written =
        write_tokens(argv[1], *responses, {static_cast<std::byte *>(memory), *size});
    if (!written) {
        std::fprintf(stderr, "write_tokens: %s\n", written.error().message.c_str());
        return 1;
    }
    return 0;
}
