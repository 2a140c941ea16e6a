module casement/build/realtypes

go 1.26.0
