// Personal names, English and French. A name is never damaged: case, accents, hyphens and particles stay as given;
// only Unicode form and white space change, and `FAMILY, Given` order is turned where the comma says so.
// Pure; any thread.
#pragma once
#include <string>
#include <string_view>

namespace casebridge::normalise {

struct NameParts {
  std::string full, given, family, suffix;
  bool turned = false;  // `full` was written FAMILY, Given
};

// What the comma says, and no more: a name without a comma is not taken apart (which word is the family name cannot be
// known), a comma before a mere suffix (Smith, Jr.) is no inversion, more than one inversion comma is not understood.
// All given names stay together in `given`.
NameParts split_name(std::string_view full);
std::string join_name(std::string_view given, std::string_view middle, std::string_view family);

bool is_suffix(std::string_view word);    // Jr, Sr, II, III, IV, fils, père, aîné, cadet ...
bool is_particle(std::string_view word);  // de, de la, du, d', van, von, St-, Ste-, Mac, O', Le, La, El, Al, bin ...

// Phonetic key for blocking: consonant classes of the family name, from rules that hold in English and in French at
// once (ph=f, qu/ck/c/k=k, silent final consonants and e, eau/aux/ault/eault=o class, gh, mute h, y=i, z=s ...).
// Particles and suffixes are left out; Saint/St/Ste are one; a compound name gives the key of each element in
// alphabetical order, so that Roy-Tremblay and Tremblay Roy are equal. Without a family name the last word of the full
// name stands for it. Empty where no Latin letter is left. Two names with different keys may still be one person.
std::string phonetic_key(std::string_view family, std::string_view full);
std::string phonetic_word(std::string_view folded_word);

}  // namespace casebridge::normalise
