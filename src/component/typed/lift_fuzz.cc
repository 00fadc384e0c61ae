// SPDX-License-Identifier: Apache-2.0
// Whatever a guest leaves in its memory, typed lifting answers with a value or a trap: views stay
// inside the memory, owned values equal their views, and a value lowered into another guest is the
// same value there.
#include "base/ensure.h"
#include "component/testing/bump_peer.h"
#include "component/typed/owned.h"
#include "component/typed/thunk.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace nacre::component {
namespace {

struct Choice {
  enum class Case : std::uint8_t { none, number, text, words };
  using Payload = std::variant<Unit, double, std::string, std::vector<std::uint16_t>>;
  Payload value;
};
struct ChoiceView {
  enum class Case : std::uint8_t { none, number, text, words };
  using Payload = std::variant<Unit, double, std::string_view, std::span<const std::uint16_t>>;
  Payload value;
};
enum class Color : std::uint8_t { red, green, blue };
struct Rights {
  using Bits = std::uint16_t;
  static constexpr Bits kAll = 0x1FF;
  Bits bits = 0;
};

struct Big {
  std::vector<std::tuple<std::string, std::vector<std::uint8_t>>> headers;
  std::optional<Choice> choice;
  std::expected<std::vector<char32_t>, Color> letters;
  Rights rights;
  std::vector<std::uint64_t> words;
  std::vector<std::optional<Choice>> choices;
  bool flag = false;
};
struct BigView {
  std::span<const std::tuple<std::string_view, std::span<const std::uint8_t>>> headers;
  std::optional<ChoiceView> choice;
  std::expected<std::span<const char32_t>, Color> letters;
  Rights rights;
  std::span<const std::uint64_t> words;
  std::span<const std::optional<ChoiceView>> choices;
  bool flag = false;
};

} // namespace

template <> inline constexpr std::uint32_t kEnumCases<Color> = 3;
template <> struct Fields<Big> {
  static constexpr auto kMembers =
      std::make_tuple(&Big::headers, &Big::choice, &Big::letters, &Big::rights, &Big::words,
                      &Big::choices, &Big::flag);
};
template <> struct Fields<BigView> {
  static constexpr auto kMembers =
      std::make_tuple(&BigView::headers, &BigView::choice, &BigView::letters, &BigView::rights,
                      &BigView::words, &BigView::choices, &BigView::flag);
};

namespace {

/// The bytes that a value has in a fresh guest: equal bytes are an equal value, NaNs included.
std::vector<std::byte> image(Big& value) {
  BumpPeer guest{1 << 20};
  CallContext call{guest, StringEncoding::utf8};
  std::uint32_t addr = 0;
  ENSURE(call.realloc(0, 0, Abi<Big>::kAlign, Abi<Big>::kSize, addr), "the guest is large enough");
  ENSURE(Abi<Big>::store(call, addr, value), call.error());
  return {guest.bytes().begin(), guest.bytes().begin() + guest.used()};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 + Abi<Big>::kSize)
    return 0;
  BumpPeer guest{size - 1};
  std::ranges::copy(std::as_bytes(std::span(data, size)).subspan(1), guest.bytes().begin());
  CallContext call{guest, static_cast<StringEncoding>(data[0] % 3)};
  // Lists of lists may repeat the same memory: what is lifted must fit the second guest.
  call.set_budget(64 << 10);

  BigView view;
  const bool viewed = Abi<BigView>::load(call, 0, view);
  ENSURE(viewed || call.failed(), "a failure has no message");
  CallContext second{guest, call.encoding()};
  Big owned;
  const bool loaded = Abi<Big>::load(second, 0, owned);
  ENSURE(loaded || second.failed(), "a failure has no message");
  if (!viewed || !loaded)
    return 0;
  Big copy = own<Big>(view);
  std::size_t bytes = 0;
  for (const auto& [name, value] : copy.headers)
    bytes += name.size() + value.size();
  if (bytes + copy.words.size() * 8 > (128 << 10))
    return 0; // views cost the call nothing, so the second guest may be too small for copies of
              // them
  ENSURE(image(copy) == image(owned), "the view and the owned value differ");
  Big again;
  CallContext third{guest, call.encoding()};
  ENSURE(Abi<Big>::load(third, 0, again), third.error());
  ENSURE(image(again) == image(owned), "the value changed between two readings");
  return 0;
}

} // namespace nacre::component
