//! stub
pub struct FormatError; 
pub fn format(_: &str) -> Result<String, FormatError> { Err(FormatError) }
