#!/bin/sh
# Makes the fonts of this folder anew, of those that Debian has: packages fonts-noto-core, fonts-noto-cjk,
# fonts-unifont and zstd, and pyftsubset of fonttools. What is in the folder was made of Debian 12's.
set -eu
cd "$(dirname "$0")"
fonts=/usr/share/fonts
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Chinese, Japanese and Korean: all of GB 2312, JIS X 0208 and KS X 1001, and the common part of Big5.
python3 - > "$work/cjk" <<'PYTHON'
def characters(codec, leads, trails):
    for lead in leads:
        for trail in trails:
            try:
                yield from bytes([lead, trail]).decode(codec)
            except UnicodeDecodeError:
                pass

high = range(0xA1, 0xFF)
found = {chr(it) for it in (*range(0x3000, 0x3100), *range(0xFF01, 0xFF61))}
found.update(characters("gb2312", range(0xA1, 0xF8), high))
found.update(characters("euc_jp", range(0xA1, 0xF5), high))
found.update(characters("euc_kr", range(0xB0, 0xC9), high))
found.update(characters("big5", range(0xA4, 0xC7), (*range(0x40, 0x7F), *high)))
print("\n".join(f"{ord(it):04X}" for it in sorted(found) if ord(it) > 0x2000))
PYTHON

subset() { # file, name, and what to keep
    file=$1 name=$2
    shift 2
    pyftsubset "$file" --output-file="$work/$name" --no-hinting --desubroutinize "$@"
    zstd -19 -f -q "$work/$name" -o "$name.zst"
}

european=U+0020-024F,U+0259,U+02B0-036F,U+0370-03FF,U+0400-052F,U+1E00-1EFF
european=$european,U+2000-206F,U+20A0-20BF,U+2100-214F,U+2190-2193,U+2212
for weight in Regular Bold; do
    subset "$fonts/truetype/noto/NotoSans-$weight.ttf" "NotoSans-$weight.ttf" \
        --unicodes="$european" --layout-features=kern,mark,mkmk,ccmp
done
for script in Arabic Devanagari Hebrew Thai; do
    subset "$fonts/truetype/noto/NotoSans$script-Regular.ttf" "NotoSans$script-Regular.ttf" \
        --unicodes='*' --layout-features='*'
done
subset "$fonts/opentype/noto/NotoSansCJK-Regular.ttc" NotoSansCJKsc-Regular.otf \
    --font-number=2 --unicodes-file="$work/cjk" --layout-features=
subset "$fonts/opentype/unifont/unifont.otf" Unifont.otf --unicodes='*' --layout-features=
subset "$fonts/opentype/unifont/unifont_upper.otf" UnifontUpper.otf --unicodes='*' --layout-features=
