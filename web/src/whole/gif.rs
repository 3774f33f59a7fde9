//! Pixels as an animated GIF. All frames share one palette, so that a colour stays the same throughout.

use std::collections::BTreeMap;

use gif::{Encoder, EncodingError, Frame, Repeat};

/// The most colours of a GIF.
const COLOURS: usize = 256;

/// Counts the colours of some frames, from which the palette is made.
#[derive(Default)]
pub struct Colours(BTreeMap<[u8; 3], u32>);

impl Colours {
    /// Counts the colours of a frame of opaque pixels.
    pub fn count(&mut self, pixels: &[u8]) {
        for pixel in pixels.chunks_exact(4) {
            *self.0.entry([pixel[0], pixel[1], pixel[2]]).or_default() += 1;
        }
    }

    /// The most frequent colours. Pictures of few flat colours keep each of them exactly; the shades at
    /// their edges become the nearest one.
    pub fn palette(self) -> Palette {
        let mut all: Vec<_> = self.0.into_iter().collect();
        all.sort_by_key(|&(colour, count)| (std::cmp::Reverse(count), colour));
        all.truncate(COLOURS);
        Palette {
            colours: all.into_iter().map(|(colour, _)| colour).collect(),
            known: BTreeMap::new(),
        }
    }
}

pub struct Palette {
    colours: Vec<[u8; 3]>,
    /// The index of the nearest colour, for colours that were looked up before.
    known: BTreeMap<[u8; 3], u8>,
}

impl Palette {
    fn nearest(&mut self, colour: [u8; 3]) -> u8 {
        let colours = &self.colours;
        *self.known.entry(colour).or_insert_with(|| {
            let distance = |other: &[u8; 3]| -> u32 {
                colour.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2)).sum()
            };
            let nearest = (0..colours.len()).min_by_key(|&index| distance(&colours[index]));
            u8::try_from(nearest.unwrap_or(0)).unwrap_or(u8::MAX)
        })
    }
}

/// Writes a film frame by frame.
pub struct Film {
    encoder: Encoder<Vec<u8>>,
    palette: Palette,
    width: u16,
    /// The pixels of the last frame, as indices of the palette.
    last: Vec<u8>,
    /// A frame whose duration is not known yet.
    waiting: Option<Frame<'static>>,
}

impl Film {
    /// A film that repeats for ever. `size` is width and height in pixels.
    pub fn new(size: [u32; 2], palette: Palette) -> Result<Self, EncodingError> {
        let [width, height] = size.map(|side| u16::try_from(side).unwrap_or(u16::MAX));
        let mut encoder = Encoder::new(Vec::new(), width, height, palette.colours.as_flattened())?;
        encoder.set_repeat(Repeat::Infinite)?;
        Ok(Self { encoder, palette, width, last: Vec::new(), waiting: None })
    }

    /// Adds a frame, which is shown for `hundredths` of a second. Only the part that differs from the last
    /// frame is written.
    pub fn add(&mut self, pixels: &[u8], hundredths: u16) -> Result<(), EncodingError> {
        let colours = pixels.chunks_exact(4).map(|pixel| [pixel[0], pixel[1], pixel[2]]);
        let indices: Vec<u8> = colours.map(|colour| self.palette.nearest(colour)).collect();
        let width = usize::from(self.width);
        let part = changed(&self.last, &indices, width);
        self.last = indices;
        let Some(Part { left, top, right, bottom }) = part else {
            if let Some(frame) = &mut self.waiting {
                frame.delay = frame.delay.saturating_add(hundredths);
            }
            return Ok(());
        };
        self.write_waiting()?;
        let rows = self.last.chunks_exact(width).skip(top).take(bottom - top);
        let buffer: Vec<u8> = rows.flat_map(|row| &row[left..right]).copied().collect();
        let side = |pixels: usize| u16::try_from(pixels).unwrap_or(u16::MAX);
        self.waiting = Some(Frame {
            delay: hundredths,
            left: side(left),
            top: side(top),
            width: side(right - left),
            height: side(bottom - top),
            buffer: buffer.into(),
            ..Frame::default()
        });
        Ok(())
    }

    fn write_waiting(&mut self) -> Result<(), EncodingError> {
        self.waiting.take().map_or(Ok(()), |frame| self.encoder.write_frame(&frame))
    }

    /// Ends the film, and returns the file.
    pub fn finish(mut self) -> Result<Vec<u8>, EncodingError> {
        self.write_waiting()?;
        self.encoder.into_inner()
    }
}

/// A part of a picture; `right` and `bottom` are the first column and row behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

/// The smallest part that contains all differences. `None` if there are none.
fn changed(before: &[u8], now: &[u8], width: usize) -> Option<Part> {
    if before.len() != now.len() {
        return Some(Part { left: 0, top: 0, right: width, bottom: now.len() / width });
    }
    let mut part: Option<Part> = None;
    for (row, (old, new)) in before.chunks_exact(width).zip(now.chunks_exact(width)).enumerate() {
        let differs = |&column: &usize| old[column] != new[column];
        let Some(first) = (0..width).find(differs) else { continue };
        let last = (0..width).rev().find(differs).unwrap_or(first);
        let found = part.get_or_insert(Part { left: first, top: row, right: last, bottom: row });
        found.left = found.left.min(first);
        found.right = found.right.max(last + 1);
        found.bottom = row + 1;
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHITE: [u8; 4] = [255, 255, 255, 255];
    const BLACK: [u8; 4] = [0, 0, 0, 255];

    /// A white picture of 4 by 3 pixels with some black ones.
    fn picture(black: &[usize]) -> Vec<u8> {
        (0..12).flat_map(|at| if black.contains(&at) { BLACK } else { WHITE }).collect()
    }

    #[test]
    fn a_film_holds_what_was_painted_and_still_frames_become_one() {
        let frames = [picture(&[]), picture(&[5]), picture(&[5]), picture(&[6])];
        let mut colours = Colours::default();
        frames.iter().for_each(|frame| colours.count(frame));
        let mut film = Film::new([4, 3], colours.palette()).unwrap();
        for frame in &frames {
            film.add(frame, 8).unwrap();
        }
        let file = film.finish().unwrap();
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::RGBA);
        let mut reader = options.read_info(&*file).unwrap();
        let mut read = Vec::new();
        while let Some(frame) = reader.read_next_frame().unwrap() {
            let place = (frame.left, frame.top, frame.width, frame.height);
            read.push((place, frame.delay, frame.buffer.to_vec()));
        }
        assert_eq!(read.len(), 3);
        assert_eq!(read[0], ((0, 0, 4, 3), 8, picture(&[])));
        assert_eq!(read[1], ((1, 1, 1, 1), 16, BLACK.to_vec()));
        assert_eq!(read[2], ((1, 1, 2, 1), 8, [WHITE, BLACK].concat()));
    }

    #[test]
    fn with_more_colours_than_a_gif_can_have_the_frequent_ones_stay_as_they_are() {
        let mut colours = Colours::default();
        for shade in 0..=255 {
            colours.count(&[shade, 0, 0, 255]);
            colours.count(&[0, shade, 0, 255].repeat(2));
        }
        let mut palette = colours.palette();
        assert_eq!(palette.colours.len(), COLOURS);
        let at = palette.nearest([0, 77, 0]);
        assert_eq!(palette.colours[usize::from(at)], [0, 77, 0]);
    }
}
