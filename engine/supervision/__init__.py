"""双随机抽查: who is drawn, by whom they are looked at, and how anybody runs the draw again (S2-46)."""
