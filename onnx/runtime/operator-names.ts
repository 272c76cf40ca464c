/**
 * The operators in the graphs of cases/, as in "Add" and "ai.onnx.ml.Scaler", sorted. They are listed, and a test compares them
 * with the cases, because building all cases takes half a second that every check of a model would wait for.
 */
export const OPERATORS: readonly string[] = `
  Abs Add And ArgMax ArgMin Atan BatchNormalization Cast CastLike Ceil Celu Clip Concat Constant ConstantOfShape Cos
  CumSum Div Dropout Elu Equal Erf Exp Expand Flatten Floor Gather GatherElements Gelu Gemm Greater GreaterOrEqual
  HardSigmoid HardSwish Identity IsInf IsNaN LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax MatMul Max
  Mean Min Mod Mul Neg Not OneHot Or PRelu Pow Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp
  ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Round Selu Shape Sigmoid Sign Sin
  Size Slice Softmax Softplus Softsign Split Sqrt Squeeze StringConcat Sub Sum Tan Tanh ThresholdedRelu Tile TopK
  Transpose Unsqueeze Where Xor ai.onnx.ml.ArrayFeatureExtractor ai.onnx.ml.Binarizer ai.onnx.ml.CategoryMapper
  ai.onnx.ml.FeatureVectorizer ai.onnx.ml.Imputer ai.onnx.ml.LabelEncoder ai.onnx.ml.LinearClassifier
  ai.onnx.ml.LinearRegressor ai.onnx.ml.Normalizer ai.onnx.ml.OneHotEncoder ai.onnx.ml.SVMClassifier
  ai.onnx.ml.SVMRegressor ai.onnx.ml.Scaler ai.onnx.ml.TreeEnsemble ai.onnx.ml.TreeEnsembleClassifier
  ai.onnx.ml.TreeEnsembleRegressor ai.onnx.ml.ZipMap
`
  .trim()
  .split(/\s+/);
