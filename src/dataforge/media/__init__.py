"""Files that workers see or hear, by what they hold: pictures, sounds, films, clouds of points."""
