//! Packed integers of up to 32 bits, unpacked by eights with shifts known at compile time.

/// Unpacks as many eights as `out` holds from `packed`, where a value starts at the first bit.
/// Values that `packed` does not hold with seven bytes to spare are left as they are.
pub(super) fn eights(packed: &[u8], width: u32, out: &mut [u32]) {
    macro_rules! of_width {
        ($($width:literal)*) => {
            match width {
                0 => out.fill(0),
                $($width => eights_of::<$width>(packed, out),)*
                _ => {}
            }
        };
    }
    of_width!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
        32);
}

fn eights_of<const WIDTH: u32>(packed: &[u8], out: &mut [u32]) {
    let width = WIDTH as usize;
    let (eights, _) = out.as_chunks_mut::<8>();
    for (index, eight) in eights.iter_mut().enumerate() {
        let start = index * width;
        let Some(window) = packed.get(start..start + width + super::bits::PADDING_BYTES) else {
            return;
        };
        for (slot, value) in eight.iter_mut().enumerate() {
            *value = super::bits::low(super::bits::read(window, slot * width, WIDTH));
        }
    }
}
