"""Files written whole and read strictly: texts, separated values, spreadsheets, journals."""
